//! A person at their tokens.

use std::time::{Duration, Instant};

use conformance_tests::cast::{Cast, Human};
use conformance_tests::mails::Mail;
use conformance_tests::page::Page;
use conformance_tests::person::{Landing, Person};
use conformance_tests::token::Token;
use serde_json::Value;
use url::Url;

pub const TOKENS: &str = "/account/tokens";

/// Somebody with an MSS account, one registered token, and a browser.
pub struct Desk<'a> {
    pub cast: &'a Cast,
    pub human: Human,
    pub browser: Person,
}

impl<'a> Desk<'a> {
    /// Enrolled, and signed in just now.
    pub async fn open(cast: &'a Cast, email: &str) -> Self {
        let human = cast.enrolled(email, &["mss:acme"]).await;
        let mut desk = Self { cast, human, browser: cast.house.person() };
        desk.sign_in().await;
        desk
    }

    /// Signs in with the token in hand.
    pub async fn sign_in(&mut self) {
        let login = self.browser.open("/login").await;
        let end = self.human.answer(&mut self.browser, login).await.page();
        assert_eq!(end.path(), "/", "the sign-in ends at «{}» {:?}", end.heading, end.problem);
    }

    /// The ID of the token in hand.
    pub fn id(&self) -> String {
        self.human.token.as_ref().expect("a token").credential_id.clone()
    }

    /// A second token, assigned and not registered yet.
    pub fn second(&self) -> Token {
        self.cast.assign(Token::event(), &self.human.email)
    }

    /// Opens the page of a change to a token.
    pub async fn page(&mut self, change: &str, id: &str) -> Page {
        self.browser.open(&format!("{TOKENS}/{change}?id={id}")).await.page()
    }

    /// Registers a token by the page.
    pub async fn add(&mut self, token: &mut Token, name: &str) -> Page {
        let page = self.browser.open(&format!("{TOKENS}/add")).await.at("/account/tokens/add");
        let (code1, code2) = token.two_codes();
        let id = token.credential_id.clone();
        let fields = [("credential_id", &*id), ("code1", &*code1), ("code2", &*code2), ("token_name", name)];
        self.browser.submit(&page, &fields).await.page()
    }

    /// Posts a change without having opened its page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let url = Url::parse(&self.cast.house.issuer).unwrap().join(&format!("{TOKENS}/{path}")).unwrap();
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.browser.post(&url, &fields).await
    }

    /// The state of a credential as an administrator sees it, with its name.
    pub fn state(&self, id: &str) -> (String, Option<String>) {
        let all = self.cast.house.admin(&["credential", "list"]);
        let row = all.as_array().into_iter().flatten().find(|row| row["credential_id"] == id);
        let row = row.unwrap_or_else(|| panic!("{id} is not in {all}"));
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        (text("state").expect("a state"), text("token_name"))
    }

    /// Every credential as an administrator sees it.
    pub fn inventory(&self) -> Value {
        self.cast.house.admin(&["credential", "list"])
    }

    /// Mails whose subject has that in it; waits until there are so many.
    pub async fn mails(&self, subject: &str, count: usize) -> Vec<Mail> {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let all = self.cast.house.mails().to(&self.human.email).await;
            let found: Vec<Mail> = all.into_iter().filter(|mail| mail.subject.contains(subject)).collect();
            if found.len() >= count || Instant::now() > until {
                assert_eq!(found.len(), count, "{subject}: {found:?}");
                return found;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Moves what this person's sessions have proved so many seconds into the past: `what` are columns of theirs.
    pub fn age(&self, what: &[&str], seconds: u32) {
        let set: Vec<String> = what.iter().map(|column| format!("{column} = {column} - {seconds}")).collect();
        self.of_sessions(&set.join(", "));
    }

    /// Changes this person's sessions behind the product's back.
    pub fn of_sessions(&self, set: &str) {
        let email = &self.human.email;
        self.cast.house.sql(&format!(
            "UPDATE session SET {set} WHERE person_id = (SELECT id FROM person WHERE email = '{email}')"
        ));
    }

    /// Where a browser with these cookies lands at a page of the server of that number.
    pub async fn at(&self, server: usize, path: &str) -> Landing {
        let mut browser = self.cast.house.person_at(server);
        browser.jar.clone_from(&self.browser.jar);
        browser.open(path).await
    }
}

impl Desk<'_> {
    /// Signs in in a fresh browser.
    pub async fn sign_in_anew(&mut self) {
        self.browser = self.cast.house.person();
        self.sign_in().await;
    }
}
