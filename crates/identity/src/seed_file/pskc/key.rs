//! One `Key` of a package: RFC 6030 §4.

use zeroize::Zeroizing;

use super::element::Element;
use super::protection::Protection;
use crate::oath::{Kind, Seed};
use crate::seed_file::fields::{MAX_COUNTER, Parameters, moment, no_id, number};
use crate::seed_file::id::{credential_id, is_vip};
use crate::seed_file::{RowError, SeedRow, decode};

/// The widest drift taken over, in steps: a token further out is re-synchronized by two codes.
const DRIFT: i64 = 64;

/// A key, and what protects it.
pub(super) struct Key<'a> {
    pub(super) package: &'a Element,
    pub(super) key: &'a Element,
    pub(super) protection: &'a Protection,
    /// The moment, in Unix seconds.
    pub(super) now: i64,
}

impl Key<'_> {
    pub(super) fn row(&self) -> Result<SeedRow, RowError> {
        let line = self.key.line;
        let id = self.id()?;
        let kind = self.kind()?;
        let digits = self.digits()?;
        let (starts, expires_at) = self.life()?;
        if starts.is_some_and(|at| at > self.now) {
            let fix = "import the file again from that day on";
            return Err(self.wrong("StartDate", "this key may not be used yet", fix));
        }
        self.policy()?;
        let seed = self.seed()?;
        let (mut step, mut counter, mut drift) = (0, 0, 0);
        match kind {
            Kind::Event => counter = self.integer("Counter")?.unwrap_or(0),
            Kind::Time => {
                step = u32::try_from(self.integer("TimeInterval")?.unwrap_or(30)).unwrap_or(u32::MAX);
                if self.integer("Time")?.is_some_and(|time| time != 0) {
                    let what = "steps that don't count from 1970 are not taken";
                    return Err(self.wrong("Time", what, "have the token set to T0 = 0"));
                }
                drift = self.integer("TimeDrift")?.unwrap_or(0);
            }
        }
        let drift = i32::try_from(drift).ok().filter(|steps| i64::from(*steps).abs() <= DRIFT);
        let drift =
            drift.ok_or_else(|| self.wrong("TimeDrift", "this is more than 64 steps", "set the clock"))?;
        let row = Parameters { kind, digits, step, counter, seed };
        let row = row.row(line, id, ["Secret", "ResponseFormat", "TimeInterval"])?;
        Ok(SeedRow { drift, expires_at, ..row })
    }

    fn wrong(&self, element: &'static str, what: &str, fix: &str) -> RowError {
        RowError::value(self.key.line, element, what, fix)
    }

    /// The ID of the key where that is a VIP token's; else the serial number on the token; else the key's after all.
    fn id(&self) -> Result<String, RowError> {
        let own = self.key.attribute("Id").and_then(credential_id);
        if let Some(id) = own.as_ref().filter(|id| is_vip(id)) {
            return Ok(id.clone());
        }
        match self.package.text_of(&["DeviceInfo", "SerialNo"]) {
            Some(serial) => credential_id(serial).ok_or_else(|| no_id(self.key.line, "SerialNo")),
            None => own.ok_or_else(|| no_id(self.key.line, "Key Id")),
        }
    }

    fn kind(&self) -> Result<Kind, RowError> {
        let uri = self.key.attribute("Algorithm").unwrap_or_default();
        // RFC 6030 §10: the profiles; and their names in the drafts before it.
        let known = ["urn:ietf:params:xml:ns:keyprov:pskc:", "urn:ietf:params:xml:ns:keyprov:pskc#"];
        let name = known.into_iter().find_map(|space| uri.strip_prefix(space));
        let kind = match name {
            Some("hotp") => Kind::Event,
            Some("totp") => Kind::Time,
            _ => {
                let what = "this algorithm is not taken";
                return Err(self.wrong(
                    "Key Algorithm",
                    what,
                    "have the file made with …pskc:totp or …pskc:hotp",
                ));
            }
        };
        let suite = self.key.text_of(&["AlgorithmParameters", "Suite"]).unwrap_or("HMAC-SHA1");
        let sha1 =
            ["HMAC-SHA1", "HMAC-SHA-1", "SHA1", "SHA-1"].iter().any(|name| suite.eq_ignore_ascii_case(name));
        if !sha1 {
            let what = "only tokens with SHA-1 are taken here, as VIP tokens are";
            return Err(self.wrong("Suite", what, "remove the package"));
        }
        Ok(kind)
    }

    fn digits(&self) -> Result<u32, RowError> {
        let Some(format) = self.key.find(&["AlgorithmParameters", "ResponseFormat"]) else { return Ok(6) };
        let decimal = format.attribute("Encoding").is_none_or(|name| name.eq_ignore_ascii_case("DECIMAL"));
        let plain = format.attribute("CheckDigits").is_none_or(|value| matches!(value, "false" | "0"));
        if !decimal || !plain {
            let what = "codes that aren't plain decimal digits are not taken";
            return Err(self.wrong("ResponseFormat", what, "remove the package"));
        }
        let Some(text) = format.attribute("Length") else { return Ok(6) };
        Ok(number(text).and_then(|length| u32::try_from(length).ok()).unwrap_or(u32::MAX))
    }

    /// From when to when the key may be used: the latest start, and the earliest end.
    fn life(&self) -> Result<(Option<i64>, Option<i64>), RowError> {
        let places = [(self.key, "Policy"), (self.package, "DeviceInfo")];
        let read = |name: &'static str| {
            let texts = places.iter().filter_map(|(element, place)| element.text_of(&[place, name]));
            let wrong = || self.wrong(name, "this is no date", "write 2031-12-31T23:59:59Z");
            texts
                .map(|text| moment(text).or_else(|| local(text)).ok_or_else(wrong))
                .collect::<Result<Vec<_>, _>>()
        };
        let starts = read("StartDate")?.into_iter().max();
        Ok((starts, read("ExpiryDate")?.into_iter().min()))
    }

    /// §5: a key whose policy is not understood must not be used.
    fn policy(&self) -> Result<(), RowError> {
        let Some(policy) = self.key.find(&["Policy"]) else { return Ok(()) };
        let mut usages = policy.each("KeyUsage").peekable();
        if usages.peek().is_some() && !usages.any(|usage| usage.text() == "OTP") {
            return Err(self.wrong(
                "KeyUsage",
                "this key is not for one-time passwords",
                "remove the package",
            ));
        }
        for rule in policy.children() {
            match rule.name.as_str() {
                "StartDate" | "ExpiryDate" | "KeyUsage" => {}
                "PINPolicy" if rule.attribute("PINUsageMode").is_none_or(|mode| mode == "Local") => {}
                "PINPolicy" => {
                    let what = "codes that a PIN is mixed into are not taken";
                    return Err(self.wrong("PINPolicy", what, "remove the package"));
                }
                _ => {
                    let what = "it has a rule that can't be kept here";
                    return Err(self.wrong(
                        "Policy",
                        what,
                        "remove the package, or have it made without that rule",
                    ));
                }
            }
        }
        Ok(())
    }

    fn data(&self, name: &str) -> Option<&Element> {
        self.key.find(&["Data", name])
    }

    fn seed(&self) -> Result<Seed, RowError> {
        let line = self.key.line;
        let missing = || self.wrong("Secret", "there is none", "have the file made with its secrets");
        let secret = self.data("Secret").ok_or_else(missing)?;
        let bytes = if secret.find(&["EncryptedValue"]).is_some() {
            self.protection.open(secret, line, "Secret")?
        } else {
            let text = secret.text_of(&["PlainValue"]).ok_or_else(missing)?;
            let wrong = || self.wrong("Secret", "this is not base64", "have the file made again");
            decode::base64(text).ok_or_else(wrong)?
        };
        decode::seed(bytes, line, "Secret")
    }

    /// A number of the key's data. One that is encrypted is written in digits, or as big-endian bytes.
    fn integer(&self, name: &'static str) -> Result<Option<i64>, RowError> {
        let Some(value) = self.data(name) else { return Ok(None) };
        let wrong = || self.wrong(name, "this is no number, or too large a one", "have the file made again");
        if value.find(&["EncryptedValue"]).is_some() {
            let bytes = self.protection.open(value, self.key.line, name)?;
            return from_bytes(&bytes).map(Some).ok_or_else(wrong);
        }
        let Some(text) = value.text_of(&["PlainValue"]) else { return Ok(None) };
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        number(digits)
            .map(|number| Some(sign * number))
            .filter(|_| sign > 0 || name == "TimeDrift")
            .ok_or_else(wrong)
    }
}

fn from_bytes(bytes: &Zeroizing<Vec<u8>>) -> Option<i64> {
    if let Some(number) = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty()).and_then(number) {
        return Some(number);
    }
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let value = bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    i64::try_from(value).ok().filter(|value| *value <= MAX_COUNTER)
}

/// A moment without a time zone, which is taken as UTC: XML has such, and writers of these files use them.
fn local(text: &str) -> Option<i64> {
    moment(&format!("{text}Z"))
}
