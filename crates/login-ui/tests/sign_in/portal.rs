//! A portal in the test's own process, and a browser that keeps cookies and fills in forms.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use countersign_identity::administration::{AccountName, Because, Import};
use countersign_identity::mail::{self, Mail, Outbox};
use countersign_identity::oath::Token;
use countersign_identity::password::hash::{Cost, Hasher};
use countersign_identity::{Identity, Settings, mail_request};
use countersign_login_ui::brand::Brand;
use countersign_login_ui::cookie::CookiePolicy;
use countersign_login_ui::pending::Pending;
use countersign_login_ui::routes;
use countersign_login_ui::ui::Ui;
use countersign_store::{Clock, Keyring, Store};
use tower::ServiceExt as _;

pub const PASSWORD: &str = "amber otter 42 lagoon";
const SEEDS: &str = "credential_id,kind,seed_hex\n\
    VSMT00000001,time,3132333435363738393031323334353637383930\n\
    VSMT00000002,time,4142434445464748494a4b4c4d4e4f5051525354\n";

/// The portal.
pub struct Portal {
    pub identity: Identity,
    pub clock: Clock,
    ui: Ui,
    outbox: Outbox,
    router: Router,
    folder: std::path::PathBuf,
}

impl Drop for Portal {
    fn drop(&mut self) {
        // What is left behind lies in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Portal {
    pub async fn open() -> Self {
        let folder =
            std::env::temp_dir().join(format!("countersign-pages-{}", countersign_store::secret::id()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(&format!("sqlite://{}/test.db", folder.display())).await.unwrap();
        store.migrate().await.unwrap();
        let (keyring, _) = Keyring::generate();
        let clock = Clock::manual(1_800_000_000);
        let hasher = Hasher::start(1, 64, Cost { memory: 64, passes: 1, lanes: 1 }).unwrap();
        let identity = Identity::new(store, keyring, clock.clone(), hasher, Settings::default());
        let outbox = Outbox::default();
        tokio::spawn(mail_request::run(identity.clone()));
        tokio::spawn(mail::run(identity.clone(), Arc::new(outbox.clone())));
        let ui = Ui::new(
            identity.clone(),
            Brand::default(),
            CookiePolicy::new(false),
            "http://portal.example".into(),
        );
        let router = routes(&ui).unwrap();
        Self { identity, clock, ui, outbox, router, folder }
    }

    /// Adds a person with accounts as `mss:acme`.
    pub async fn add(&self, email: &str, accounts: &[&str], password: Option<&str>) {
        for organization in ["acme", "globex"] {
            // There already, from the second person on.
            let _ = self.identity.add_organization(organization, organization).await;
        }
        let accounts: Vec<AccountName> =
            accounts.iter().map(|text| AccountName::parse(text).unwrap()).collect();
        self.identity.add_person(email, &accounts, None).await.unwrap();
        if let Some(password) = password {
            self.identity.set_sample_password(email, password).await.unwrap();
        }
    }

    /// Brings two tokens into the inventory and assigns the first.
    pub async fn assign_token(&self, email: &str) {
        let report =
            self.identity.import_credentials(SEEDS.as_bytes(), &Import::default(), |_| {}).await.unwrap();
        assert_eq!(report.imported, 2, "{report:?}");
        self.identity.assign_credential("VSMT00000001", email, &Because::default()).await.unwrap();
    }

    /// The code the first token shows now, or so many steps later.
    pub async fn code(&self, later: i64) -> String {
        let token: Token = self.identity.token("VSMT00000001").await.unwrap();
        token.code(token.position(self.clock.now()) + later).to_string()
    }

    /// The newest temporary password, once it is there: `count` have been mailed by then.
    pub async fn temporary_password(&self, count: usize) -> String {
        for _ in 0..200 {
            let sent: Vec<Mail> =
                self.outbox.mails().into_iter().filter(|mail| mail.temporary_password.is_some()).collect();
            if sent.len() >= count {
                return sent.last().and_then(|mail| mail.temporary_password.clone()).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no mail came");
    }
}

/// What came back.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub html: String,
    /// Where the browser is, after redirects.
    pub at: String,
}

impl Page {
    #[track_caller]
    pub fn is(&self, title: &str) -> &Self {
        assert!(
            self.html.contains(&format!("<h1>{title}</h1>")),
            "not {title}: at {}: {}",
            self.at,
            self.html
        );
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "{text:?} is not on {}: {}", self.at, self.html);
        self
    }

    /// Where the page's form goes.
    #[track_caller]
    pub fn action(&self) -> String {
        let rest = self.html.split_once(" action=\"").unwrap_or_else(|| panic!("no form at {}", self.at)).1;
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }

    /// The address of a link.
    #[track_caller]
    pub fn link(&self, id: &str) -> String {
        let rest = self.html.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no link {id}")).1;
        let rest = rest.split_once("href=\"").unwrap().1;
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

/// A browser at the portal.
pub struct Browser<'a> {
    portal: &'a Portal,
    pub cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub fn new(portal: &'a Portal) -> Self {
        Self { portal, cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, address: &str) -> Page {
        let page = self.send(Request::get(address), String::new()).await;
        self.follow(page).await
    }

    /// Comes from an application that asks for a sign-in.
    pub async fn begin(&mut self, pending: Pending) -> Page {
        let line = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let headers = [(header::COOKIE, line.join("; ").parse().unwrap())].into_iter().collect();
        let response = self.portal.ui.begin(&headers, pending);
        let page = self.take(response, String::new()).await;
        self.follow(page).await
    }

    /// Sends the page's form and follows where it leads.
    pub async fn fill(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let answer = self.post(&page.action(), fields).await;
        self.follow(answer).await
    }

    /// Sends a form and stays with the answer itself.
    pub async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request, body).await
    }

    pub async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..10 {
            if page.status != StatusCode::SEE_OTHER {
                return page;
            }
            let location = page.headers[header::LOCATION].to_str().unwrap().to_owned();
            page = self.send(Request::get(&location), String::new()).await;
        }
        panic!("redirected in a circle at {}", page.at);
    }

    pub async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).body(Body::from(body)).unwrap();
        let at = request.uri().to_string();
        let response = self.portal.router.clone().oneshot(request).await.unwrap();
        self.take(response, at).await
    }

    async fn take(&mut self, response: Response, at: String) -> Page {
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let html = String::from_utf8(bytes.to_vec()).unwrap();
        Page { status: parts.status, headers: parts.headers, html, at }
    }

    /// The Login page, filled in.
    pub async fn log_in(&mut self, email: &str, password: &str) -> Page {
        let page = self.get("/login").await;
        self.fill(&page, &[("email", email), ("password", password), ("language", "")]).await
    }

    pub fn has_session(&self) -> bool {
        self.cookies.contains_key("countersign-session")
    }
}
