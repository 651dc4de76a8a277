//! What people do next.

use conformance_tests::page::{Form, Page};
use reqwest::Method;
use url::Url;

use crate::world::{AFTER_LOGOUT, Begun, World};

type Fields = Vec<(String, String)>;

/// Every page, with the methods tried on it.
const PATHS: [&str; 20] = [
    "/",
    "/login",
    "/login/vip",
    "/login/new-password",
    "/login/register-credential",
    "/login/accounts",
    "/login/check-mail",
    "/new-user",
    "/forgot-password",
    "/consent",
    "/logout",
    "/authorize",
    "/authorize/resume",
    "/go/mss",
    "/go/deepsight",
    "/go/nowhere",
    "/acr/vip",
    "/browsers",
    "/token",
    "/userinfo",
];

impl World {
    /// One transition.
    pub async fn step(&mut self) {
        let browser = self.dice.below(self.browsers.len());
        let waits = self.browsers[browser].next.is_some();
        if waits && self.dice.chance(90) {
            let url = self.browsers[browser].next.take().expect("a redirect");
            return self.send(browser, Method::GET, &url, Vec::new(), false).await;
        }
        let form = self.browsers[browser].page.as_ref().is_some_and(|page| page.form().is_some());
        match self.dice.below(100) {
            0..=49 if form => self.answer(browser).await,
            0..=23 => self.authorize(browser).await,
            24..=39 => self.open(browser).await,
            40..=47 => self.old_form(browser).await,
            48..=55 => self.open(browser).await,
            56..=59 => self.follow_link(browser).await,
            60..=65 => self.authorize(browser).await,
            66..=68 => self.sign_out(browser).await,
            69..=72 => self.lose_cookies(browser),
            73..=74 => self.relink().await,
            75..=77 => self.pass_time(),
            78..=79 => self.userinfo().await,
            80..=86 => self.redeem().await,
            87..=92 => self.refresh().await,
            93..=94 => self.userinfo().await,
            95..=97 => self.read_mails().await,
            _ => self.unlock().await,
        }
    }

    /// Answers the page in front: rightly, wrongly, as somebody else, with nothing, or from another site.
    async fn answer(&mut self, browser: usize) {
        let page = self.browsers[browser].page.clone().expect("a page");
        let form = page.form().expect("a form").clone();
        let foreign = self.dice.chance(2);
        let fields = self.fields(browser, &page, &form).await;
        self.send(browser, Method::POST, &form.action, fields, foreign).await;
    }

    /// Posts a form that lay around: of this browser or another, of this sign-in or another.
    async fn old_form(&mut self, browser: usize) {
        if self.pages.is_empty() {
            return;
        }
        let page = self.pages[self.dice.below(self.pages.len())].clone();
        let form = page.form().expect("a form").clone();
        let mut action = form.action.clone();
        if self.dice.chance(20) {
            // Another page of the same sign-in.
            action.set_path(self.dice.pick(&PATHS[1..11]));
        }
        let fields = self.fields(browser, &page, &form).await;
        self.count("old form");
        self.send(browser, Method::POST, &action, fields, false).await;
    }

    async fn fields(&mut self, browser: usize, page: &Page, form: &Form) -> Fields {
        let owner = self.browsers[browser].owner;
        let person = if self.dice.chance(10) { self.dice.below(self.model.people.len()) } else { owner };
        let mut fields = form.fields.clone();
        let typed = match self.dice.below(100) {
            0..=4 => Vec::new(),
            5..=12 => self.wrong(person, page.path()),
            _ => self.right(person, page, form),
        };
        for (name, value) in typed {
            fields.retain(|(own, _)| own != name);
            fields.push((name.to_owned(), value));
        }
        fields
    }

    fn wrong(&mut self, person: usize, path: &str) -> Vec<(&'static str, String)> {
        let who = &self.model.people[person];
        let old = who.old.last().cloned().unwrap_or_else(|| "not the password at all".to_owned());
        let temporary = who.temporaries.first().map_or(old.clone(), |sent| sent.text.clone());
        let (email, code, id) = (who.email.clone(), who.token.wrong(), who.token.credential_id.clone());
        let spent = who.token.kind() == "event" && who.last.is_some();
        // The last code that was used.
        let used = if spent { who.token.peek(0) } else { code.clone() };
        let code = if self.dice.chance(50) { code } else { used };
        match path {
            "/login" if self.dice.chance(50) => vec![("email", email), ("password", temporary)],
            "/login" => vec![("email", email), ("password", old)],
            "/login/vip" => vec![("code", code)],
            "/login/new-password" => vec![("password", "short".to_owned()), ("confirm", "other".to_owned())],
            "/login/register-credential" => {
                vec![("credential_id", id), ("code1", code.clone()), ("code2", code)]
            }
            "/login/accounts" => vec![("account", "none of them".to_owned())],
            "/consent" => vec![("decision", "deny".to_owned())],
            _ => vec![("email", "nobody@walk.example".to_owned())],
        }
    }

    fn right(&mut self, person: usize, page: &Page, form: &Form) -> Vec<(&'static str, String)> {
        if self.model.people[person].token.kind() == "time" && page.path().starts_with("/login/") {
            self.clock.advance(90);
        }
        let now = self.now();
        self.passwords += 1;
        let who = &mut self.model.people[person];
        match page.path() {
            "/login" => {
                let opens =
                    who.temporaries.iter().rev().find(|sent| !sent.dead && now - sent.read_at < 3_000);
                let opens = opens.map(|sent| sent.text.clone());
                let password = match (&who.password, opens) {
                    (Some(own), Some(sent)) => {
                        if self.dice.chance(50) {
                            own.clone()
                        } else {
                            sent
                        }
                    }
                    (own, sent) => sent.or(own.clone()).unwrap_or_else(|| "nothing yet at all".to_owned()),
                };
                vec![("email", who.email.clone()), ("password", password)]
            }
            "/login/vip" if form.controls.iter().any(|control| control.name == "code2") => {
                let (code, code2) = who.token.two_codes();
                vec![("code", code), ("code2", code2)]
            }
            "/login/vip" => vec![("code", who.token.code())],
            "/login/new-password" => {
                let password = format!("quiet heron {} under a low bridge", self.passwords);
                vec![("password", password.clone()), ("confirm", password)]
            }
            "/login/register-credential" => {
                let (code1, code2) = who.token.two_codes();
                let id = who.token.credential_id.clone();
                vec![("credential_id", id), ("code1", code1), ("code2", code2)]
            }
            "/login/accounts" => {
                let all = form.controls.iter().filter(|control| control.name == "account");
                let all: Vec<String> = all.map(|control| control.value.clone()).collect();
                if all.is_empty() { Vec::new() } else { vec![("account", self.dice.pick(&all))] }
            }
            "/new-user" | "/forgot-password" => {
                self.mail_asked = Some(std::time::Instant::now());
                vec![("email", who.email.clone())]
            }
            "/consent" => vec![("decision", "allow".to_owned())],
            _ => Vec::new(),
        }
    }

    /// Opens a page by its address: with the `r` at hand, with another, or with none.
    async fn open(&mut self, browser: usize) {
        let mut url = Url::parse(&self.cast.house.issuer).expect("an issuer");
        url.set_path(self.dice.pick(&PATHS));
        let at_hand = self.browsers[browser].page.as_ref().map(|page| page.url.clone());
        let old = if self.pages.is_empty() { None } else { Some(self.dice.below(self.pages.len())) };
        let source = match self.dice.below(3) {
            0 => at_hand,
            1 => old.map(|at| self.pages[at].url.clone()),
            _ => None,
        };
        url.set_query(source.as_ref().and_then(Url::query));
        self.send(browser, Method::GET, &url, Vec::new(), false).await;
    }

    async fn follow_link(&mut self, browser: usize) {
        let links = self.browsers[browser].page.as_ref().map(|page| page.links.clone()).unwrap_or_default();
        let issuer = Url::parse(&self.cast.house.issuer).expect("an issuer");
        let own: Vec<Url> = links.into_iter().map(|(_, _, to)| to).collect();
        let own: Vec<Url> = own.into_iter().filter(|to| to.origin() == issuer.origin()).collect();
        if !own.is_empty() {
            let to = self.dice.pick(&own);
            self.send(browser, Method::GET, &to, Vec::new(), false).await;
        }
    }

    /// An application sends the browser here, with whatever it may ask for, or with what it may not.
    async fn authorize(&mut self, browser: usize) {
        let client = self.dice.below(self.clients.len());
        let issuer = self.cast.house.issuer.clone();
        let level = |name: &str| format!("{issuer}/acr/{name}");
        let prompt = self.dice.pick(&[
            "",
            "",
            "",
            "",
            "",
            "none",
            "none",
            "login",
            "select_account",
            "consent",
            "none login",
        ]);
        let max_age = self.dice.pick(&[None, None, None, None, Some(0), Some(60), Some(3_600)]);
        let essential: Vec<&'static str> = self.dice.pick(&[
            vec![],
            vec![],
            vec![],
            vec![],
            vec![],
            vec![],
            vec!["vip"],
            vec!["password"],
            vec!["unknown"],
            vec!["password", "vip"],
        ]);
        let values: Vec<String> = essential.iter().map(|name| level(name)).collect();
        let claims =
            serde_json::json!({"id_token": {"acr": {"essential": true, "values": values}}}).to_string();
        let (age, vip) = (max_age.unwrap_or(0).to_string(), level("vip"));
        let owner = self.model.people[self.browsers[browser].owner].email.clone();
        let mut more: Vec<(&str, &str)> = Vec::new();
        more.extend(Some(("prompt", prompt)).filter(|(_, value)| !value.is_empty()));
        more.extend(max_age.map(|_| ("max_age", age.as_str())));
        more.extend(Some(("claims", claims.as_str())).filter(|_| !essential.is_empty()));
        more.extend(Some(("acr_values", vip.as_str())).filter(|_| self.dice.chance(15)));
        more.extend(Some(("login_hint", owner.as_str())).filter(|_| self.dice.chance(15)));
        let attempt = self.clients[client].party.begin(&more);
        let anew = prompt.split(' ').any(|word| word == "login") || max_age == Some(0);
        let (url, at) = (self.tampered(&attempt.url), self.now());
        let begun = Begun { client, attempt, at, essential, max_age, anew };
        self.begun.insert(begun.attempt.state.clone(), begun);
        if self.dice.chance(15) {
            let fields = url.query_pairs().into_owned().collect();
            let mut bare = url;
            bare.set_query(None);
            return self.send(browser, Method::POST, &bare, fields, false).await;
        }
        self.send(browser, Method::GET, &url, Vec::new(), false).await;
    }

    /// Now and then another redirect URI, another response type, a parameter twice, no PKCE.
    fn tampered(&mut self, url: &Url) -> Url {
        let mut pairs: Fields = url.query_pairs().into_owned().collect();
        let replace = |pairs: &mut Fields, name: &str, value: &str| {
            pairs.iter_mut().filter(|(own, _)| own == name).for_each(|(_, own)| value.clone_into(own));
        };
        match self.dice.below(80) {
            0 => replace(&mut pairs, "redirect_uri", "https://evil.example/callback"),
            1 => replace(&mut pairs, "redirect_uri", "https://mss.example.test/callback/../x"),
            2 => replace(&mut pairs, "client_id", "nobody"),
            3 => replace(&mut pairs, "response_type", "token"),
            4 => pairs.push(("scope".to_owned(), "openid".to_owned())),
            5 => pairs.retain(|(name, _)| name != "code_challenge"),
            _ => return url.clone(),
        }
        self.count("tampered request");
        let mut url = url.clone();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        url
    }

    async fn sign_out(&mut self, browser: usize) {
        let mut url =
            Url::parse(&self.cast.house.issuer).and_then(|url| url.join("/logout")).expect("an issuer");
        let third = self.clients.last().expect("the third party").party.id.clone();
        match self.dice.below(4) {
            0 => drop(url.query_pairs_mut().append_pair("post_logout_redirect_uri", "https://evil.example/")),
            1 => {
                url.query_pairs_mut()
                    .append_pair("client_id", &third)
                    .append_pair("post_logout_redirect_uri", AFTER_LOGOUT);
            }
            _ => {}
        }
        self.send(browser, Method::GET, &url, Vec::new(), false).await;
    }
}
