//! `prompt` and `max_age`: how fresh an authentication must be, and whether a page may be shown.

/// What the client says about pages (OIDC Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Show none.
    pub none: bool,
    /// Authenticate again.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
    /// Let the account be chosen again.
    pub select_account: bool,
}

/// `none` together with another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("prompt=none must stand alone")]
pub struct Contradiction;

impl Prompt {
    /// Reads the parameter.
    ///
    /// # Errors
    /// [`Contradiction`].
    pub fn parse(text: Option<&str>) -> Result<Self, Contradiction> {
        let mut prompt = Self::default();
        let mut others = false;
        for value in text.unwrap_or_default().split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                // OIDC Core §3.1.2.1: a value that is not understood MAY be ignored.
                _ => {}
            }
            others |= value != "none";
        }
        // OIDC Core §3.1.2.1: none with any other value is an error.
        if prompt.none && others { Err(Contradiction) } else { Ok(prompt) }
    }
}

/// A `max_age` that is not a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("max_age must be a number of seconds")]
pub struct NotSeconds;

/// Reads `max_age`, in seconds.
///
/// # Errors
/// [`NotSeconds`].
pub fn max_age(text: Option<&str>) -> Result<Option<i64>, NotSeconds> {
    let Some(text) = text else { return Ok(None) };
    if text.len() > 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotSeconds);
    }
    text.parse().map(Some).map_err(|_| NotSeconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_3_1_2_1_prompt_none_stands_alone() {
        assert_eq!(Prompt::parse(Some("none")), Ok(Prompt { none: true, ..Prompt::default() }));
        for text in ["none login", "consent none", "none select_account", "none create"] {
            assert_eq!(Prompt::parse(Some(text)), Err(Contradiction), "{text}");
        }
    }

    #[test]
    fn core_3_1_2_1_prompt_values() {
        let all = Prompt { none: false, login: true, consent: true, select_account: true };
        assert_eq!(Prompt::parse(Some("login consent select_account")), Ok(all));
        assert_eq!(Prompt::parse(Some("create")), Ok(Prompt::default()));
        assert_eq!(Prompt::parse(None), Ok(Prompt::default()));
    }

    #[test]
    fn core_3_1_2_1_max_age_is_a_number_of_seconds() {
        assert_eq!(max_age(Some("0")), Ok(Some(0)));
        assert_eq!(max_age(Some("10000")), Ok(Some(10_000)));
        assert_eq!(max_age(None), Ok(None));
        for text in ["-1", "1.5", "1e3", "x", "+1", " 1", "99999999999"] {
            assert_eq!(max_age(Some(text)), Err(NotSeconds), "{text}");
        }
    }
}
