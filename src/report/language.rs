//! The languages of reports: how they write numbers.

/// A language that reports are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

/// The narrow space that French puts before `%` and `:` and between thousands.
const NARROW: char = '\u{202F}';

impl Language {
    /// Its code in HTML.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// A number with some decimals: `0.913`, `0,913`.
    pub fn number(self, value: f64, decimals: usize) -> String {
        let plain = format!("{value:.decimals$}");
        // No minus before what is zero.
        let is_zero = plain.starts_with('-') && plain.chars().all(|c| matches!(c, '-' | '0' | '.'));
        let plain = if is_zero { plain[1..].to_owned() } else { plain };
        match self {
            Self::English => plain.replace('-', "−"),
            Self::French => plain.replace('.', ",").replace('-', "−"),
        }
    }

    /// The same with its sign: `+0.013`, `−0.013`.
    pub fn signed(self, value: f64, decimals: usize) -> String {
        let number = self.number(value, decimals);
        if number.starts_with('−') { number } else { format!("+{number}") }
    }

    /// A share of 1 as a percentage: `91.3 %`, `91,3 %`.
    pub fn percent(self, share: f64, decimals: usize) -> String {
        format!("{}{NARROW}%", self.number(share * 100.0, decimals))
    }

    /// A whole number with its thousands told apart: `3,340`, `3 340`.
    pub fn count(self, count: u64) -> String {
        let digits = count.to_string();
        let mut out = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(if self == Self::French { NARROW } else { ',' });
            }
            out.push(digit);
        }
        out
    }

    /// `" : "` in French, `": "` in English.
    pub fn colon(self) -> &'static str {
        match self {
            Self::English => ": ",
            Self::French => "\u{202F}: ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{English, French};

    #[test]
    fn numbers_are_written_as_each_language_does() {
        assert_eq!(English.percent(0.9134, 1), "91.3\u{202F}%");
        assert_eq!(French.percent(0.9134, 1), "91,3\u{202F}%");
        assert_eq!(
            (English.count(1_234_567), French.count(3340)),
            ("1,234,567".into(), "3\u{202F}340".into())
        );
        assert_eq!((English.count(0), English.count(999)), ("0".into(), "999".into()));
        assert_eq!(
            (French.signed(0.5, 2), English.signed(-0.125, 2)),
            ("+0,50".into(), "−0.12".into())
        );
        assert_eq!(English.number(-0.0001, 2), "0.00");
    }
}
