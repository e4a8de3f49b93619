//! The two places where text changes: [`repair`] mends a whole text that was damaged on its way, and
//! [`fold`] gives all spellings of one word the same form.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::tokenizer::{is_combining, is_invisible};
#[cfg(target_arch = "x86_64")]
use crate::avx512;

/// Repairs what transport did to a text: HTML entities are decoded once, and UTF-8 that was read as
/// Windows-1252 (`Ã©`, `â€™`) is read again. A sound text is returned as it is.
///
/// ```
/// use rubrique::text::repair;
/// assert_eq!(repair("l&#8217;accord sign&eacute;"), "l’accord signé");
/// assert_eq!(repair("lâ€™accord signÃ©"), "l’accord signé");
/// assert_eq!(repair("AT&T, R&D et l’été"), "AT&T, R&D et l’été");
/// ```
pub fn repair(text: &str) -> Cow<'_, str> {
    let decoded = decode_entities(text);
    match repair_mojibake(&decoded) {
        Some(repaired) => Cow::Owned(repaired),
        None => decoded,
    }
}

/// Decodes entities that end in a semicolon; a bare `&` in `R&D` or in a URL is no entity.
fn decode_entities(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::new();
    let mut copied = 0;
    let mut at = first;
    while let Some(offset) = memchr::memchr(b'&', &text.as_bytes()[at..]) {
        let start = at + offset;
        at = start + 1;
        let Some(length) = entity_length(&text.as_bytes()[start..]) else { continue };
        let entity = &text[start..start + length];
        let decoded = htmlize::unescape(entity);
        if decoded != entity {
            out.push_str(&text[copied..start]);
            out.push_str(&decoded);
            copied = start + length;
            at = copied;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The length of what looks like an entity: `&eacute;`, `&#8217;`, `&#x2019;`.
fn entity_length(bytes: &[u8]) -> Option<usize> {
    const LONGEST: usize = 32;
    let end = bytes.iter().take(LONGEST).position(|&b| b == b';')?;
    let inner = &bytes[1..end];
    let named = !inner.is_empty() && inner.iter().all(u8::is_ascii_alphanumeric);
    let numbered = inner.first() == Some(&b'#')
        && inner.len() > 1
        && inner[1..].iter().all(u8::is_ascii_alphanumeric);
    (named || numbered).then_some(end + 1)
}

/// What the second byte of a UTF-8 pair or triple becomes when it is read as Windows-1252.
const LEADS: [char; 5] = ['Ã', 'Â', 'â', 'Å', 'Ë'];

/// Reads runs that are UTF-8 once too often decoded; `None` when there is none.
///
/// Only runs that decode to a character a French text may hold are touched, so that a sound text with
/// `Â` or `Ã` in a name stays as it is. Where a text is known to be damaged, runs are mended too that lost
/// their no-break space: `Ã ` for `à`, `Â ` for a no-break space.
fn repair_mojibake(text: &str) -> Option<String> {
    if !may_be_damaged(text.as_bytes()) {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    let damaged = (0..chars.len()).any(|at| decode_run(&chars[at..]).is_some());
    let mut out = String::with_capacity(text.len());
    let mut changed = false;
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        match decode_run(rest).or_else(|| decode_spaced(rest, damaged)) {
            Some((c, used)) => {
                out.push(c);
                at += used;
                changed = true;
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    changed.then_some(out)
}

/// Whether one of [`LEADS`] stands before a character beyond ASCII, or `Ã` before a blank: `â` alone is in many a sound
/// text. Of most blocks a test of fewer operations says that there is none.
fn may_be_damaged(bytes: &[u8]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if avx512::is_there() {
        // SAFETY: the processor has the instructions.
        #[allow(unsafe_code)]
        return unsafe { may_be_damaged_by_avx512(bytes) };
    }
    may_be_damaged_plainly(bytes)
}

/// Sixty-four bytes at once, the last two of them again with the next.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn may_be_damaged_by_avx512(bytes: &[u8]) -> bool {
    (0..bytes.len()).step_by(avx512::WIDTH - 2).any(|start| {
        let from = &bytes[start..];
        let window = from.first_chunk().copied().unwrap_or_else(|| {
            let mut window = [0; avx512::WIDTH];
            window[..from.len()].copy_from_slice(from);
            window
        });
        let window = avx512::Bytes::load(&window);
        let capital_a = window.is(0x83);
        let lead =
            capital_a | window.is(0x82) | window.is(0xA2) | window.is(0x85) | window.is(0x8B);
        let near = window.is(0xC3) & lead >> 1;
        near != 0 && near & (!window.upto(0x7F) >> 2 | capital_a >> 1 & window.is(b' ') >> 2) != 0
    })
}

fn may_be_damaged_plainly(bytes: &[u8]) -> bool {
    let (Some(seconds), Some(thirds)) = (bytes.get(1..), bytes.get(2..)) else { return false };
    let mut blocks = bytes.chunks(BLOCK).zip(seconds.chunks(BLOCK)).zip(thirds.chunks(BLOCK));
    blocks.any(|((first, second), third)| {
        let places = [first, second, third];
        // Signed, bytes beyond ASCII come before it: from À to Ë, or â, before one of these, a blank or a control character.
        let is_near = holds(places, |a, b, c| {
            (a == 0xC3) & (((b as i8) < 0x8C_u8 as i8) | (b == 0xA2)) & (c as i8 <= b' ' as i8)
        });
        is_near
            && holds(places, |a, b, c| {
                let lead = (b == 0x83) | (b == 0x82) | (b == 0xA2) | (b == 0x85) | (b == 0x8B);
                (a == 0xC3) & lead & ((c >= 0x80) | ((b == 0x83) & (c == b' ')))
            })
    })
}

/// Whether there is a place where this is so of its three bytes. All places are looked at together, without a branch.
#[inline]
fn holds([first, second, third]: [&[u8]; 3], is_so: impl Fn(u8, u8, u8) -> bool) -> bool {
    let places = first.iter().zip(second).zip(third);
    places.fold(0, |found, ((&a, &b), &c)| found | u8::from(is_so(a, b, c))) != 0
}

/// Bytes that are looked at together.
const BLOCK: usize = 512;

/// Decodes a two- or three-character run at the start of `chars`.
fn decode_run(chars: &[char]) -> Option<(char, usize)> {
    if !LEADS.contains(&chars[0]) {
        return None;
    }
    for used in [3, 2] {
        let Some(run) = chars.get(..used) else { continue };
        let Some(bytes) = run.iter().map(|&c| windows_1252_byte(c)).collect::<Option<Vec<u8>>>()
        else {
            continue;
        };
        if let Ok(decoded) = std::str::from_utf8(&bytes) {
            let mut decoded = decoded.chars();
            if let (Some(c), None) = (decoded.next(), decoded.next())
                && is_french_character(c)
            {
                return Some((c, used));
            }
        }
    }
    None
}

/// Decodes a run whose second character, a no-break space, has become a plain one.
fn decode_spaced(chars: &[char], damaged: bool) -> Option<(char, usize)> {
    match *chars {
        // Two spaces: the second part of « à », and the one behind it.
        ['Ã', ' ', ' ', ..] => Some(('à', 2)),
        // One space: both fell together.
        ['Ã', ' ', ..] if damaged => Some(('à', 1)),
        ['Â', ' ', ..] if damaged => Some(('\u{A0}', 2)),
        _ => None,
    }
}

fn is_french_character(c: char) -> bool {
    matches!(c,
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ÿ' | 'Œ' | 'œ' | 'Ÿ' | '\u{A0}' | '«' | '»' | '°' | '·' | '€' | '£' | '²'
        | '³' | '½' | '‘' | '’' | '“' | '”' | '–' | '—' | '…' | '•' | '\u{202F}' | '\u{2009}' | '\u{AD}' | '´')
}

/// The byte that Windows-1252 shows as `c`.
fn windows_1252_byte(c: char) -> Option<u8> {
    if (c as u32) < 0x80 {
        return Some(c as u8);
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
    match (&*bytes, unmappable) {
        ([byte], false) => Some(*byte),
        // Undefined in Windows-1252, passed through as a control by most decoders.
        _ => (0x80..=0x9F).contains(&(c as u32)).then_some(c as u32 as u8),
    }
}

/// Writes the form under which all spellings of `surface` meet: composed (NFC), lower case, straight
/// apostrophe and hyphen, ligatures opened, invisible characters gone. Accents stay.
///
/// `out` is cleared first.
///
/// ```
/// use rubrique::text::fold;
/// let mut out = String::new();
/// fold("C\u{152}UR", &mut out);
/// assert_eq!(out, "coeur");
/// fold("Aujourd\u{2019}hui", &mut out);
/// assert_eq!(out, "aujourd'hui");
/// ```
pub fn fold(surface: &str, out: &mut String) {
    out.clear();
    if surface.is_ascii() {
        out.push_str(surface);
        out.make_ascii_lowercase();
        return;
    }
    if fold_usual(surface, out) {
        return;
    }
    out.clear();
    fold_any(surface, out);
}

/// Folds what is written in the usual characters of French alone, none of which joins with another; tells whether it is.
fn fold_usual(surface: &str, out: &mut String) -> bool {
    by_runs(surface, out, push_usual)
}

/// Folds one character beyond ASCII, where it is a usual one.
fn push_usual(c: char, out: &mut String) -> bool {
    match c {
        '’' => out.push('\''),
        'œ' | 'Œ' => out.push_str("oe"),
        'æ' | 'Æ' => out.push_str("ae"),
        'À'..='Þ' => out.push(small(c)),
        _ if is_usual(c) => out.push(c),
        _ => return false,
    }
    true
}

/// The small letter of one of the letters from `À` to `Þ`.
fn small(c: char) -> char {
    if c == '×' { c } else { char::from(c as u8 + 0x20) }
}

/// Copies the runs of ASCII in small letters, and gives the characters between them to `push`, until it refuses one.
fn by_runs(text: &str, out: &mut String, push: impl Fn(char, &mut String) -> bool) -> bool {
    let mut rest = text;
    loop {
        let run = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let start = out.len();
        out.push_str(&rest[..run]);
        out[start..].make_ascii_lowercase();
        let mut behind = rest[run..].chars();
        let Some(c) = behind.next() else { return true };
        if !push(c, out) {
            return false;
        }
        rest = behind.as_str();
    }
}

/// Writes what [`strip_accents`] makes of what [`fold`] makes of a text. `out` is cleared first.
pub(crate) fn fold_without_accents(text: &str, out: &mut String) {
    out.clear();
    let is_usual = by_runs(text, out, |c, out| {
        let letter = match c {
            'À'..='Þ' if c != 'Æ' => small(c),
            'ß'..='ÿ' if c != 'æ' => c,
            _ => return push_usual(c, out),
        };
        out.push(unaccented(letter));
        true
    });
    if !is_usual {
        let mut folded = String::new();
        fold(text, &mut folded);
        out.clear();
        out.push_str(&strip_accents(&folded));
    }
}

/// Whether a character beyond ASCII is usual in French, neither joins with another nor is invisible.
fn is_usual(c: char) -> bool {
    matches!(
        c,
        '\u{A0}'..='ÿ' | 'œ' | 'Œ' | '–' | '—' | '‘' | '’' | '“' | '”' | '…' | '€' | '\u{202F}'
    ) && c != '\u{AD}'
}

fn fold_any(surface: &str, out: &mut String) {
    // Before composing, or they would part letters from their marks.
    let composed = if surface.chars().any(is_invisible) {
        let visible: String = surface.chars().filter(|&c| !is_invisible(c)).collect();
        Cow::Owned(compose(&visible).into_owned())
    } else {
        compose(surface)
    };
    for c in composed.chars() {
        match c {
            '’' | '\u{02BC}' | '\u{FF07}' => out.push('\''),
            '\u{2010}' | '\u{2011}' => out.push('-'),
            'œ' | 'Œ' => out.push_str("oe"),
            'æ' | 'Æ' => out.push_str("ae"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            c => out.extend(c.to_lowercase()),
        }
    }
    // Some capitals join with no mark, though their small letter does: T̈ and ẗ.
    if let Cow::Owned(composed) = compose(out) {
        *out = composed;
    }
}

/// Joins letters with the marks that follow them (NFC). Borrowed where that is done already.
pub(super) fn compose(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Takes the accents off a folded word: `été` and `ete` become one.
///
/// ```
/// use rubrique::text::strip_accents;
/// assert_eq!(strip_accents("déterminé à combattre"), "determine a combattre");
/// ```
pub fn strip_accents(folded: &str) -> Cow<'_, str> {
    if folded.is_ascii() {
        return Cow::Borrowed(folded);
    }
    let mut plain = String::with_capacity(folded.len());
    for c in folded.chars() {
        match c {
            'À'..='ÿ' => plain.push(unaccented(c)),
            _ if c.is_ascii() || is_usual(c) => plain.push(c),
            _ => return Cow::Owned(strip_any(folded)),
        }
    }
    Cow::Owned(plain)
}

/// What a usual character that becomes one of ASCII is folded to without its accent, whatever stands behind it; `None` of all others.
pub(super) fn plain_letter(c: char) -> Option<char> {
    let plain = if ('À'..='ÿ').contains(&c) { unaccented(c) } else { c };
    plain.is_ascii().then(|| plain.to_ascii_lowercase())
}

/// A letter from `À` to `ÿ` without its accent.
fn unaccented(c: char) -> char {
    UNACCENTED[c as usize - 'À' as usize]
}

const UNACCENTED: [char; 64] = [
    'A', 'A', 'A', 'A', 'A', 'A', 'Æ', 'C', 'E', 'E', 'E', 'E', 'I', 'I', 'I', 'I', 'Ð', 'N', 'O',
    'O', 'O', 'O', 'O', '×', 'Ø', 'U', 'U', 'U', 'U', 'Y', 'Þ', 'ß', 'a', 'a', 'a', 'a', 'a', 'a',
    'æ', 'c', 'e', 'e', 'e', 'e', 'i', 'i', 'i', 'i', 'ð', 'n', 'o', 'o', 'o', 'o', 'o', '÷', 'ø',
    'u', 'u', 'u', 'u', 'y', 'þ', 'y',
];

fn strip_any(folded: &str) -> String {
    let decomposed = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(folded);
    decomposed.chars().filter(|&c| !is_combining(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(surface: &str) -> String {
        let mut out = String::new();
        fold(surface, &mut out);
        out
    }

    proptest::proptest! {
        #[test]
        fn damage_is_met_wherever_it_stands(
            text in "(Ã|Â|â|Å|Ë|é|©|™|€| |a|\\.){0,200}", before in 0usize..140
        ) {
            let text = "é".repeat(before / 2) + &" ".repeat(before % 2) + &text;
            let expected = text.char_indices().any(|(at, c)| {
                let behind = text[at + c.len_utf8()..].chars().next();
                LEADS.contains(&c) && behind.is_some_and(|b| !b.is_ascii() || (c == 'Ã' && b == ' '))
            });
            proptest::prop_assert_eq!(may_be_damaged(text.as_bytes()), expected);
            proptest::prop_assert_eq!(may_be_damaged_plainly(text.as_bytes()), expected);
        }
    }

    /// T̈ is two characters, ẗ is one.
    #[test]
    fn small_letters_join_with_marks_that_capitals_do_not_join_with() {
        let mut out = String::new();
        for text in ["T\u{308}", "t\u{308}", "ẗ"] {
            fold(text, &mut out);
            assert_eq!(out, "ẗ");
        }
    }

    /// The short ways give what the rules of Unicode give, for every character they may meet.
    #[test]
    fn usual_characters_are_folded_like_any() {
        for c in (0..0x3000).filter_map(char::from_u32) {
            let text = format!("é{c}e{c}");
            let (mut short, mut any) = (String::new(), String::new());
            if fold_usual(&text, &mut short) {
                fold_any(&text, &mut any);
                assert_eq!(short, any, "{c:?}");
            }
            assert_eq!(strip_accents(&text), strip_any(&text), "{c:?}");
            fold(&text, &mut any);
            fold_without_accents(&text, &mut short);
            assert_eq!(short, strip_accents(&any), "{c:?}");
        }
        assert!(fold_usual("« L’été, à 3 € – c’est Noël… »", &mut String::new()));
    }

    #[test]
    fn composed_and_decomposed_words_meet() {
        assert_eq!(folded("E\u{301}TAT"), "état");
        assert_eq!(folded("État"), "état");
        assert_eq!(folded("ga\u{AD}ran\u{200B}tie"), "garantie");
    }

    #[test]
    fn ligatures_are_opened() {
        assert_eq!(folded("Œuvre"), "oeuvre");
        assert_eq!(folded("ex æquo"), "ex aequo");
    }

    #[test]
    fn entities_are_decoded_once() {
        assert_eq!(repair("a &amp;eacute; b"), "a &eacute; b");
        assert_eq!(repair("Fran&ccedil;ois &lt;3"), "François <3");
        assert_eq!(repair("page?a=1&b=2; R&D;"), "page?a=1&b=2; R&D;");
    }

    #[test]
    fn mojibake_is_read_again() {
        let rows = [
            ("Ã©tÃ©, lâ€™Å“uvre Â«\u{A0}ouiÂ\u{A0}Â»", "été, l’œuvre «\u{A0}oui\u{A0}»"),
            ("FranÃ§ais, dâ€™Ã‰tat, Ã\u{A0} Paris", "Français, d’État, à Paris"),
            ("signÃ© Ã Rabat, Ã  Alger Â: fin", "signé à Rabat, à Alger Â: fin"),
            ("signÃ© Ã  Rabat, remis Ã l’Ã‰tat", "signé à Rabat, remis à l’État"),
            ("10 â‚¬ â€“ nÂ° 5â€¦", "10 € – n° 5…"),
            ("â€œ ouiÂ  !", "“ oui\u{A0} !"),
        ];
        for (damaged, sound) in rows {
            assert_eq!(repair(damaged), sound);
        }
    }

    /// The rough test of a block passes over no damage, wherever it stands.
    #[test]
    fn damage_is_found_in_every_place() {
        for place in [0, 1, BLOCK - 2, BLOCK - 1, BLOCK, 2 * BLOCK - 1] {
            for (second, third) in
                (0..=255_u8).flat_map(|b| [b' ', b'e', 0x80, 0xC2].map(|c| (b, c)))
            {
                let mut bytes = vec![b'a'; 2 * BLOCK + 3];
                bytes[place..place + 3].copy_from_slice(&[0xC3, second, third]);
                let is_lead = [0x82, 0x83, 0x85, 0x8B, 0xA2].contains(&second);
                let expected = is_lead && (third >= 0x80 || (second == 0x83 && third == b' '));
                assert_eq!(may_be_damaged(&bytes), expected, "{second:x} {third:x} at {place}");
            }
        }
    }

    #[test]
    fn damage_is_repaired_once() {
        for sound in ["« L’été », 10 € – n° 5…", "Île d’Oléron, cœur, Noël, ça"]
        {
            let (damaged, _) =
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(sound.as_bytes());
            let (twice, _) =
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(damaged.as_bytes());
            assert_eq!(repair(&damaged), sound);
            assert_ne!(repair(&twice), sound, "what was damaged twice is not guessed at");
        }
    }

    #[test]
    fn a_sound_text_is_not_touched() {
        for text in [
            "São Paulo, Ângela, Â bas",
            "Noël à l’île d’Oléron — « été »",
            "l'Å, l’Ã",
            "La lettre Ã se lit « an »",
            "R&D, AT&T ; a&b; &c.",
            "© 2016, 20 °C, 3 €",
            "âge, Âge, â, Ë",
        ] {
            assert!(matches!(repair(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
