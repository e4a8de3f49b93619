//! The day an article appeared, as newspapers and their archives write it.

use jiff::civil::Date;

use crate::text::{fold, strip_accents};

const MONTHS: [&[&str]; 12] = [
    &["janvier", "janv", "jan", "january"],
    &["fevrier", "fevr", "fev", "feb", "february"],
    &["mars", "mar", "march"],
    &["avril", "avr", "apr", "april"],
    &["mai", "may"],
    &["juin", "jun", "june"],
    &["juillet", "juil", "jul", "july"],
    &["aout", "aug", "august"],
    &["septembre", "sept", "sep", "september"],
    &["octobre", "oct", "october"],
    &["novembre", "nov", "november"],
    &["decembre", "dec", "december"],
];

/// Reads a date: ISO (`2026-03-05`, with a time or not), day first (`05/03/2026`, `5.3.26`), in words (`jeudi 5 mars 2026 à 12h30`, `1er mars
/// 2026`) or as feeds have it (`Thu, 05 Mar 2026 12:00:00 GMT`). `None` where it is none of these or no day of the calendar: nothing is guessed.
///
/// ```
/// use rubrique::corpus::parse_date;
/// let day = parse_date("2026-03-05");
/// assert!(day.is_some());
/// assert_eq!(parse_date("jeudi 5 mars 2026 à 12h30"), day);
/// assert_eq!(parse_date("05/03/2026"), day);
/// assert_eq!(parse_date("30/02/2026"), None);
/// assert_eq!(parse_date("hier"), None);
/// ```
pub fn parse_date(text: &str) -> Option<Date> {
    let mut folded = String::new();
    fold(text, &mut folded);
    let plain = strip_accents(&folded);
    let parts: Vec<&str> =
        plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let in_words = parts.windows(3).find_map(|w| {
        let day = w[0].trim_end_matches("er");
        let month = MONTHS.iter().position(|names| names.contains(&w[1]))? as i8 + 1;
        date(year(w[2])?, month, number(day).filter(|day| *day <= 31)? as i8)
    });
    in_words.or_else(|| in_numbers(&parts))
}

fn in_numbers(parts: &[&str]) -> Option<Date> {
    let first = *parts.first()?;
    if first.len() == 8
        && let Some(packed) = number(first)
    {
        return date(year(&first[..4])?, (packed / 100 % 100) as i8, (packed % 100) as i8);
    }
    // The time may follow the day without a space: 2026-03-05T12:00.
    let third = parts.get(2)?.split('t').next()?;
    let month = number(parts[1]).filter(|month| *month <= 12)? as i8;
    if first.len() == 4 {
        return date(year(first)?, month, number(third).filter(|day| *day <= 31)? as i8);
    }
    date(year(third)?, month, number(first).filter(|day| *day <= 31)? as i8)
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// Four digits, or two: those of a year up to 2069 or from 1970 on.
fn year(text: &str) -> Option<i16> {
    match (text.len(), number(text)?) {
        (4, year @ 1000..) => Some(year as i16),
        (2, year) => Some(year as i16 + if year < 70 { 2000 } else { 1900 }),
        _ => None,
    }
}

fn number(text: &str) -> Option<u32> {
    let is_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_give_the_same_day() {
        let day = Date::new(2026, 3, 5).unwrap();
        for text in [
            "2026-03-05",
            "2026-03-05T12:30:00+01:00",
            "2026-03-05 12:30",
            "2026/3/5",
            "20260305",
            "05/03/2026",
            "5/3/26",
            "05.03.2026 12:30:00",
            "05-03-2026",
            "5 mars 2026",
            "Publié le jeudi 5 mars 2026 à 12h30",
            "5 MARS 2026",
            "Thu, 05 Mar 2026 12:00:00 GMT",
        ] {
            assert_eq!(parse_date(text), Some(day), "{text}");
        }
        assert_eq!(parse_date("1er août 1999"), Date::new(1999, 8, 1).ok());
        assert_eq!(parse_date("17 févr. 2004"), Date::new(2004, 2, 17).ok());
        assert_eq!(parse_date("31/12/99"), Date::new(1999, 12, 31).ok());
    }

    #[test]
    fn what_is_no_day_is_no_date() {
        for text in [
            "",
            "hier",
            "00260305",
            "261 mars 2026",
            "2026",
            "2026-13-01",
            "31/04/2026",
            "12/31/2020",
            "29/02/2025",
            "mars 2026",
            "5 mars",
            "12345678",
            "1/2",
            "0/0/0",
            "99999999999999",
            "300/03/2026",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
