//! The clients and people that most tests need, and how such a person answers page after page.

use crate::house::House;
use crate::page::Page;
use crate::person::{Landing, Person};
use crate::relying_party::{Attempt, RelyingParty};
use crate::token::Token;

/// The password that people of these tests choose.
pub const PASSWORD: &str = "seven quiet herons at low tide";

/// Somebody with an address, and what they hold.
#[derive(Clone, Debug)]
pub struct Human {
    /// The address.
    pub email: String,
    /// The password in force.
    pub password: String,
    /// The token, for an MSS-linked address.
    pub token: Option<Token>,
    /// The organization chosen where there are several, by name.
    pub organization: String,
}

/// A house with two organizations and a client for each service and for none.
#[derive(Debug)]
pub struct Cast {
    /// The house.
    pub house: House,
    /// The MSS application.
    pub mss: RelyingParty,
    /// The DeepSight application.
    pub deepsight: RelyingParty,
    /// A client of no service.
    pub portal: RelyingParty,
}

impl Cast {
    /// Sets them up in `house`.
    #[must_use]
    pub fn new(house: House) -> Self {
        house.admin(&["org", "add", "acme", "--name", "Acme"]);
        house.admin(&["org", "add", "globex", "--name", "Globex"]);
        let [mss, deepsight, portal] =
            ["mss", "deepsight", ""].map(|service| RelyingParty::register(&house, service, &[]));
        Self { house, mss, deepsight, portal }
    }

    /// Provisions an address with accounts like `mss:acme`, and a token assigned to it when one of them needs
    /// one. Nobody has enrolled yet.
    #[must_use]
    pub fn provision(&self, email: &str, accounts: &[&str]) -> Human {
        let mut command = vec!["user", "add", email];
        for account in accounts {
            command.extend(["--account", account]);
        }
        self.house.admin(&command);
        let needs = accounts.iter().any(|account| account.starts_with("mss:"));
        let token = needs.then(|| self.assign(Token::event(), email));
        let organization = "Acme".to_owned();
        Human { email: email.to_owned(), password: PASSWORD.to_owned(), token, organization }
    }

    /// Puts a token into the inventory and assigns it to an address.
    ///
    /// # Panics
    /// When it cannot be imported.
    #[must_use]
    pub fn assign(&self, token: Token, email: &str) -> Token {
        self.import(&token);
        self.house.admin(&["credential", "assign", &token.credential_id, "--user", email]);
        token
    }

    /// Puts a token into the inventory.
    ///
    /// # Panics
    /// When it cannot be imported.
    pub fn import(&self, token: &Token) {
        let file = self.house.file(&format!("{}.csv", token.credential_id));
        std::fs::write(&file, token.csv("")).expect("an inventory can be written");
        self.house.admin(&["credential", "import", &file.display().to_string()]);
    }

    /// Provisions an address and walks it through its enrolment.
    pub async fn enrolled(&self, email: &str, accounts: &[&str]) -> Human {
        let mut human = self.provision(email, accounts);
        self.enrol(&mut human).await;
        human
    }

    /// Walks a provisioned address through its enrolment.
    pub async fn enrol(&self, human: &mut Human) {
        let mut browser = self.house.person();
        let temporary = self.temporary_password(&mut browser, &human.email).await;
        let login = browser.open("/login").await.at("/login");
        let next = browser.submit(&login, &[("email", &human.email), ("password", &temporary)]).await;
        let page = next.at("/login/new-password");
        let landing =
            browser.submit(&page, &[("password", &human.password), ("confirm", &human.password)]).await;
        let end = human.answer(&mut browser, landing).await.page();
        assert_eq!(end.path(), "/", "the enrolment ends at «{}» {:?}", end.heading, end.problem);
    }

    /// Asks for a temporary password and waits for the mail.
    pub async fn temporary_password(&self, browser: &mut Person, email: &str) -> String {
        let mails = self.house.mails();
        let seen = mails.temporary_passwords(email).await;
        let page = browser.open("/new-user").await.at("/new-user");
        let sent = browser.submit(&page, &[("email", email)]).await.page();
        assert_eq!((sent.status, &sent.problem), (200, &None));
        mails.temporary_password(email, seen).await
    }
}

impl Human {
    /// Signs in at `client` and returns the redirect that ends it, with the attempt.
    pub async fn sign_in(
        &mut self,
        browser: &mut Person,
        client: &RelyingParty,
        more: &[(&str, &str)],
    ) -> (url::Url, Attempt) {
        let attempt = client.begin(more);
        let landing = browser.visit(&attempt.url).await;
        let end = self.answer(browser, landing).await;
        (end.away(), attempt)
    }

    /// Answers page after page with what this person knows and holds, until there is nothing left to answer.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn answer(&mut self, browser: &mut Person, mut landing: Landing) -> Landing {
        for _ in 0..8 {
            let Landing::Page(page) = &landing else { return landing };
            // A page that says no to the right answer is where the test should look.
            if page.problem.is_some() || page.form().is_none() {
                return landing;
            }
            let fields = self.fields(page);
            if fields.is_empty() && page.path() != "/consent" {
                return landing;
            }
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            landing = browser.submit(page, &fields).await;
        }
        panic!("the pages do not end");
    }

    /// What this person would type into a page.
    pub fn fields(&mut self, page: &Page) -> Vec<(&'static str, String)> {
        match page.path() {
            "/login" => vec![("email", self.email.clone()), ("password", self.password.clone())],
            "/login/new-password" => {
                vec![("password", self.password.clone()), ("confirm", self.password.clone())]
            }
            "/login/register-credential" => {
                let Some(token) = &mut self.token else { return Vec::new() };
                let (code1, code2) = token.two_codes();
                vec![("credential_id", token.credential_id.clone()), ("code1", code1), ("code2", code2)]
            }
            "/login/vip" => {
                let Some(token) = &mut self.token else { return Vec::new() };
                vec![("code", token.code())]
            }
            "/login/accounts" => {
                account(page, &self.organization).map(|id| ("account", id)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The value that chooses an organization by its name, else the first.
#[must_use]
pub fn account(page: &Page, organization: &str) -> Option<String> {
    let form = page.form()?;
    let mut choices = form.controls.iter().filter(|control| control.name == "account");
    let first = choices.clone().next();
    choices.find(|choice| choice.label.contains(organization)).or(first).map(|choice| choice.value.clone())
}
