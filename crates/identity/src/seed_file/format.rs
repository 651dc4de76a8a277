//! Which format a file has: named, or recognized by how it begins.

use std::io::Read;

use super::{RowError, lines};

/// The formats that files come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own comma-separated values.
    Own,
    /// Comma-separated values of Entra ID (Azure MFA).
    Entra,
    /// `serial,hexkey,hotp|totp,digits,step`, as privacyIDEA takes it.
    Oath,
    /// Yubico's configuration log, traditional or Yubico format.
    Yubico,
    /// `otpauth://` URIs, one a line.
    Otpauth,
    /// A `.vipaccess` file.
    VipAccess,
    /// PSKC, RFC 6030.
    Pskc,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Own, Self::Entra, Self::Oath, Self::Yubico, Self::Otpauth, Self::VipAccess, Self::Pskc];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "countersign",
            Self::Entra => "entra",
            Self::Oath => "oath",
            Self::Yubico => "yubico",
            Self::Otpauth => "otpauth",
            Self::VipAccess => "vipaccess",
            Self::Pskc => "pskc",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// Bytes that a file is recognized by.
const HEAD: u64 = 4096;

/// The beginning of a file.
pub(super) fn head(file: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}

/// The format of a file that begins like this.
pub(super) fn recognize(head: &[u8]) -> Result<Format, RowError> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
        return Err(RowError::row(1, "the file is not UTF-8", "save the file as UTF-8"));
    }
    if text.trim_ascii_start().first() == Some(&b'<') {
        return Ok(Format::Pskc);
    }
    let numbered = (1..).zip(text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii));
    let mut lines = numbered.filter(|(_, line)| !line.is_empty() && line.first() != Some(&b'#'));
    let Some((number, line)) = lines.next() else {
        return Err(RowError::row(1, "the file is empty", known()));
    };
    let begins =
        |word: &str| line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
    if begins("otpauth://") {
        return Ok(Format::Otpauth);
    }
    if ["version ", "secret ", "id ", "expiry "].into_iter().any(begins) {
        return Ok(Format::VipAccess);
    }
    if begins("LOGGING START") {
        return Ok(Format::Yubico);
    }
    table(line, number)
}

/// The format of a table that begins with that line.
fn table(line: &[u8], number: u64) -> Result<Format, RowError> {
    let unknown = || RowError::row(number, "it can't be told which format the file has", known());
    let Ok(record) = lines::split(line, number) else { return Err(unknown()) };
    let field = |at: usize| record.get(at).unwrap_or_default();
    let is =
        |at: usize, words: &[&str]| words.iter().any(|word| field(at).eq_ignore_ascii_case(word.as_bytes()));
    let has = |words: &[&str]| (0..record.len()).any(|at| is(at, words));
    if has(&["upn", "secret key"]) {
        return Ok(Format::Entra);
    }
    // A header that is ours but for a slip is read as ours, which then says what is wrong with it.
    let words = line.split(|byte| matches!(byte, b',' | b';' | b'\t')).map(<[u8]>::trim_ascii);
    let ours = ["credential_id", "seed_base32", "seed_hex"];
    if words.into_iter().any(|word| ours.iter().any(|ours| word.eq_ignore_ascii_case(ours.as_bytes()))) {
        return Ok(Format::Own);
    }
    let hexadecimal = |at: usize| field(at).len() >= 32 && field(at).iter().all(u8::is_ascii_hexdigit);
    if is(0, &["OATH-HOTP", "OATH-TOTP", "Yubico OTP", "Static Password"]) && record.len() >= 6 {
        return Ok(Format::Yubico);
    }
    if record.len() >= 6 && field(1).is_empty() && is(2, &["0"]) && hexadecimal(3) {
        return Ok(Format::Yubico);
    }
    if (3..=5).contains(&record.len()) && hexadecimal(1) && is(2, &["hotp", "totp"]) {
        return Ok(Format::Oath);
    }
    if record.len() == 2 {
        let what = "a list of two columns may be hexadecimal or base32, of time-based or event-based tokens";
        let fix = "write hotp or totp in a third column, use a header (see --help), or say --format oath: \
                   hexadecimal and event-based";
        return Err(RowError::row(number, what, fix));
    }
    Err(unknown())
}

fn known() -> String {
    let names = Format::ALL.map(Format::as_str).join(", ");
    format!("name it with --format ({names}), or begin the file with the header of one")
}

#[cfg(test)]
mod tests;
