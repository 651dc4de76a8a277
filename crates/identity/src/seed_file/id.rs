//! Credential IDs, as files have them and as people type them.

/// The canonical form of a Credential ID: in upper case, without spaces and hyphens, full-width characters made
/// narrow. `None` when it can't be one.
///
/// VIP tokens have two to four letters and eight to ten digits. Other makers' serial numbers are taken as well, as
/// far as the VIP service would: 4 to 100 letters, digits and `, # . *`, each of which stands for itself alone.
#[must_use]
pub fn credential_id(typed: &str) -> Option<String> {
    // A bound on the work: no ID is near it.
    if typed.len() > 400 {
        return None;
    }
    let between = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let narrow = typed.chars().map(narrow).filter(|c| !between(*c));
    let id: String = narrow.map(|c| c.to_ascii_uppercase()).collect();
    let taken =
        |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, b',' | b'#' | b'.' | b'*');
    ((4..=100).contains(&id.len()) && id.bytes().all(taken)).then_some(id)
}

/// Whether a canonical ID is a VIP token's.
pub(super) fn is_vip(id: &str) -> bool {
    let letters = id.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = id.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    letters + digits == id.len() && (2..=4).contains(&letters) && (8..=10).contains(&digits)
}

/// A full-width character of a Japanese keyboard as the ASCII character it stands for.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}
