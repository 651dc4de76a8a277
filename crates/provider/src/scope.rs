//! Scopes: what a client may ask for, and what it gets.

/// Every scope there is, in the order they are written.
pub const ALL: [&str; 7] =
    ["openid", "email", "profile", "organization", "offline_access", "address", "phone"];

/// A set of scopes. Written in one order, whatever the order asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// The known ones among scopes separated by spaces.
    // OIDC Core §3.1.2.1: scope values that are not understood SHOULD be ignored.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.split(' ').fold(Self::default(), |all, name| match ALL.iter().position(|known| *known == name) {
            Some(at) => Self(all.0 | 1 << at),
            None => all,
        })
    }

    /// Whether `name` is among them.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        ALL.iter().position(|known| *known == name).is_some_and(|at| self.0 & 1 << at != 0)
    }

    /// Those also in `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// These but that one.
    #[must_use]
    pub fn without(self, name: &str) -> Self {
        match ALL.iter().position(|known| *known == name) {
            Some(at) => Self(self.0 & !(1 << at)),
            None => self,
        }
    }

    /// These and those of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// As one byte, for a token; [`from_bits`](Self::from_bits) reads it back.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Back from a byte. Bits without a scope are dropped.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & ((1 << ALL.len()) - 1))
    }

    /// Whether all of these are in `other`.
    #[must_use]
    pub fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        ALL.into_iter().filter(move |name| self.has(name))
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, name) in self.names().enumerate() {
            write!(f, "{}{name}", if at == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_in_one_order() {
        assert_eq!(Scopes::parse("email openid").to_string(), "openid email");
        assert_eq!(Scopes::parse("").to_string(), "");
        assert_eq!(Scopes::parse(&ALL.join(" ")).names().count(), ALL.len());
    }

    #[test]
    fn core_3_1_2_1_unknown_scopes_are_ignored() {
        assert_eq!(Scopes::parse("openid admin OPENID  openid2"), Scopes::parse("openid"));
    }

    #[test]
    fn a_scope_never_exceeds_what_it_is_taken_from() {
        let registered = Scopes::parse("openid email");
        let asked = Scopes::parse("openid profile email");
        assert_eq!(asked.and(registered), registered);
        assert!(registered.within(asked) && !asked.within(registered));
    }
}
