//! A labelled field, its hint and its problem.

use maud::{Markup, html};

use crate::key::Key;
use crate::view::Frame;

/// What is wrong with a form, as a message: shown above it, and tied to the field it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    key: Key,
    values: Vec<(&'static str, String)>,
    count: Option<(&'static str, i64)>,
}

impl From<Key> for Problem {
    fn from(key: Key) -> Self {
        Self { key, values: Vec::new(), count: None }
    }
}

impl Problem {
    /// A problem whose message takes a value.
    #[must_use]
    pub fn with(key: Key, name: &'static str, value: impl ToString) -> Self {
        Self { key, values: vec![(name, value.to_string())], count: None }
    }

    /// A problem whose message counts something.
    #[must_use]
    pub fn counted(key: Key, name: &'static str, number: i64) -> Self {
        Self { key, values: Vec::new(), count: Some((name, number)) }
    }

    /// The sentence.
    #[must_use]
    pub fn text(&self, frame: &Frame<'_>) -> String {
        if let Some((name, number)) = self.count {
            return frame.words.counted(self.key, name, number);
        }
        let values: Vec<_> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        frame.with(self.key, &values)
    }
}

/// The id of a page's problem, by which fields refer to it.
pub const PROBLEM_ID: &str = "problem";

/// The problem of a form, if it has one.
#[must_use]
pub fn alert(frame: &Frame<'_>, problem: Option<&Problem>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p id=(PROBLEM_ID) class="problem" role="alert" { (problem.text(frame)) }
        }
    }
}

/// What a field takes, which decides its keyboard and what a password manager does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The address that is the login name.
    Email,
    /// The present password.
    Password,
    /// A password being chosen.
    NewPassword,
    /// A security code.
    Code,
    /// A credential's ID.
    CredentialId,
    /// A name the person makes up.
    Name,
}

impl Kind {
    const fn input_type(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password | Self::NewPassword => "password",
            Self::Code | Self::CredentialId | Self::Name => "text",
        }
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Email => "username",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
            Self::Code => "one-time-code",
            Self::CredentialId | Self::Name => "off",
        }
    }

    const fn input_mode(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Code => "numeric",
            Self::Password | Self::NewPassword | Self::CredentialId | Self::Name => "text",
        }
    }

    const fn capitals(self) -> &'static str {
        match self {
            Self::CredentialId => "characters",
            Self::Name => "sentences",
            Self::Email | Self::Password | Self::NewPassword | Self::Code => "none",
        }
    }

    /// The longest text a browser lets someone type. Passwords have none: cutting one silently would be worse
    /// than refusing it.
    const fn longest(self) -> Option<u16> {
        match self {
            Self::Email => Some(254),
            Self::Password | Self::NewPassword => None,
            // A code may be typed with a space in its middle.
            Self::Code => Some(10),
            Self::CredentialId => Some(40),
            Self::Name => Some(64),
        }
    }
}

/// A field of a form. Its `id` is its name and `-field`, since a button may bear the name itself.
pub struct Field<'a> {
    /// Its name in the form.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its label.
    pub label: String,
    /// What to put in, where the label does not say it all.
    pub hint: Option<String>,
    /// What it holds when the page opens.
    pub value: &'a str,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether the cursor starts here.
    pub focus: bool,
    /// Whether the page's problem is about this field.
    pub wrong: bool,
}

impl<'a> Field<'a> {
    /// A field that must be filled in, empty so far.
    #[must_use]
    pub fn new(frame: &Frame<'_>, name: &'static str, kind: Kind, label: Key) -> Self {
        Self {
            name,
            kind,
            label: frame.text(label),
            hint: None,
            value: "",
            optional: false,
            focus: false,
            wrong: false,
        }
    }

    /// With a hint under its label.
    #[must_use]
    pub fn hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// With something in it.
    #[must_use]
    pub fn value(self, value: &'a str) -> Self {
        Self { value, ..self }
    }

    /// One that may stay empty.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// With the cursor in it, if `focus`.
    #[must_use]
    pub fn focus(self, focus: bool) -> Self {
        Self { focus, ..self }
    }

    /// With the page's problem tied to it, if `wrong`.
    #[must_use]
    pub fn wrong(self, wrong: bool) -> Self {
        Self { wrong, ..self }
    }

    /// The markup of label, hint and field.
    #[must_use]
    pub fn view(&self, frame: &Frame<'_>) -> Markup {
        let id = format!("{}-field", self.name);
        let hint_id = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let problem_id = self.wrong.then(|| PROBLEM_ID.to_owned());
        let described: Vec<String> = problem_id.into_iter().chain(hint_id.clone()).collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let code = matches!(self.kind, Kind::Code | Kind::CredentialId).then_some("code");
        html! {
            div class="field" {
                label for=(id) { (self.label) }
                @if self.optional { span class="aside" { (frame.text(crate::key::OPTIONAL)) } }
                @if let (Some(id), Some(hint)) = (&hint_id, &self.hint) { p id=(id) class="hint" { (hint) } }
                input id=(id) name=(self.name) type=(self.kind.input_type()) class=[code]
                    value=[(!self.value.is_empty()).then_some(self.value)]
                    autocomplete=(self.kind.autocomplete()) inputmode=(self.kind.input_mode())
                    autocapitalize=(self.kind.capitals()) spellcheck="false"
                    maxlength=[self.kind.longest()]
                    aria-describedby=[described] aria-invalid=[self.wrong.then_some("true")]
                    required[!self.optional] autofocus[self.focus];
            }
        }
    }
}

/// The one button of a form.
#[must_use]
pub fn button(id: &str, label: &str) -> Markup {
    html! { div class="actions" { button id=(id) type="submit" class="main" { (label) } } }
}
