//! The product in this process, the people and applications around it, and their browsers.

use std::collections::{BTreeMap, HashMap, VecDeque};

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, PASSWORD};
use conformance_tests::house::{House, ISSUER};
use conformance_tests::page::Page;
use conformance_tests::person::{Cookie, Person};
use conformance_tests::relying_party::{Attempt, RelyingParty};
use conformance_tests::token::Token;
use countersign::app::App;
use countersign_store::Clock;
use url::Url;

use crate::dice::Dice;
use crate::model::{Link, Model, Someone};

/// Where the third party sends people after signing out.
pub const AFTER_LOGOUT: &str = "https://portal.example.test/goodbye";
/// Pages that are kept to be gone back to.
const KEPT: usize = 120;

/// An application.
#[derive(Debug)]
pub struct Client {
    pub party: RelyingParty,
    /// Its service, empty for none.
    pub service: &'static str,
    /// Whether it takes nothing below `vip`.
    pub wants_vip: bool,
    /// Whether people are asked before it learns anything.
    pub third_party: bool,
}

/// What an application asked for in a sign-in it began.
#[derive(Clone, Debug)]
pub struct Begun {
    pub client: usize,
    pub attempt: Attempt,
    pub at: i64,
    /// The levels insisted on; one that does not exist is called `unknown`.
    pub essential: Vec<&'static str>,
    pub max_age: Option<i64>,
    /// Whether the person is to prove everything anew.
    pub anew: bool,
}

/// A browser.
#[derive(Debug)]
pub struct Browser {
    pub person: Person,
    /// Who mostly sits in front of it.
    pub owner: usize,
    pub page: Option<Page>,
    pub next: Option<Url>,
    /// Cookies of before.
    pub old: Vec<Vec<Cookie>>,
}

/// Everything.
pub struct World {
    pub cast: Cast,
    pub app: App,
    pub clock: Clock,
    pub dice: Dice,
    pub clients: Vec<Client>,
    pub begun: HashMap<String, Begun>,
    pub browsers: Vec<Browser>,
    pub model: Model,
    /// Pages with forms, of all browsers.
    pub pages: VecDeque<Page>,
    /// How often what happened.
    pub tally: BTreeMap<&'static str, u64>,
    /// What happened last, for whoever looks into a failure.
    pub trail: VecDeque<String>,
    /// When a mail was last asked for, by the machine's clock.
    pub mail_asked: Option<std::time::Instant>,
    pub passwords: usize,
}

/// The people: address, accounts, whether they are enrolled at the beginning.
const PEOPLE: [(&str, &[Link], bool); 8] = [
    ("deepsight@walk.example", &[("deepsight", "acme")], true),
    ("mss@walk.example", &[("mss", "acme")], true),
    ("both@walk.example", &[("mss", "acme"), ("deepsight", "acme")], true),
    ("multi@walk.example", &[("mss", "acme"), ("mss", "globex"), ("deepsight", "globex")], true),
    ("new-mss@walk.example", &[("mss", "acme")], false),
    ("new-deepsight@walk.example", &[("deepsight", "acme")], false),
    ("nothing@walk.example", &[], false),
    ("time@walk.example", &[("mss", "globex")], false),
];

impl World {
    /// Sets everything up.
    pub async fn new(backend: Backend, seed: u64) -> Self {
        let mut house = House::build(backend, ISSUER, "");
        let settings = countersign::settings::load(Some(house.config())).expect("the configuration is good");
        let clock = Clock::manual(Clock::System.now());
        let app = App::start(settings.settings, clock.clone()).await.expect("the provider starts");
        house.bases.push(format!("http://{}", app.address));
        house.clock = clock.clone();
        let cast = Cast::new(house);
        let clients = clients(&cast);
        let mut people = Vec::new();
        for (email, links, enrolled) in PEOPLE {
            people.push(someone(&cast, email, links, enrolled).await);
        }
        let browsers = (0..5)
            .map(|owner| Browser {
                person: cast.house.person(),
                owner,
                page: None,
                next: None,
                old: Vec::new(),
            })
            .collect();
        Self {
            cast,
            app,
            clock,
            dice: Dice::new(seed),
            clients,
            begun: HashMap::new(),
            browsers,
            model: Model { people, ..Model::default() },
            pages: VecDeque::new(),
            tally: BTreeMap::new(),
            trail: VecDeque::new(),
            mail_asked: None,
            passwords: 0,
        }
    }

    /// Now.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Notes that something happened.
    pub fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// Notes what happened, for whoever looks into a failure.
    pub fn note(&mut self, what: String) {
        self.trail.push_back(what);
        if self.trail.len() > 60 {
            self.trail.pop_front();
        }
    }

    /// Keeps a page that has a form.
    pub fn keep(&mut self, page: &Page) {
        if page.forms.iter().any(|form| form.method == "post") {
            self.pages.push_back(page.clone());
            if self.pages.len() > KEPT {
                self.pages.pop_front();
            }
        }
    }

    /// Ends the walk: something happened that must not.
    pub fn violated(&self, what: &str) -> ! {
        let trail: Vec<&str> = self.trail.iter().map(String::as_str).collect();
        panic!("{what}\nbefore that, the newest last:\n  {}", trail.join("\n  "));
    }
}

fn clients(cast: &Cast) -> Vec<Client> {
    let known = |party: &RelyingParty, service| Client {
        party: party.clone(),
        service,
        wants_vip: false,
        third_party: false,
    };
    let strict = RelyingParty::register_at(
        &cast.house,
        "deepsight",
        "https://strict.example.test/callback",
        &["--minimum-level", "vip", "--public"],
    );
    let third = RelyingParty::register_at(
        &cast.house,
        "",
        "https://third.example.test/callback",
        &["--third-party", "--post-logout-redirect-uri", AFTER_LOGOUT],
    );
    vec![
        known(&cast.mss, "mss"),
        known(&cast.deepsight, "deepsight"),
        known(&cast.portal, ""),
        Client { party: strict, service: "deepsight", wants_vip: true, third_party: false },
        Client { party: third, service: "", wants_vip: false, third_party: true },
    ]
}

async fn someone(cast: &Cast, email: &str, links: &[Link], enrolled: bool) -> Someone {
    let names: Vec<String> = links.iter().map(|(service, place)| format!("{service}:{place}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut human = cast.provision(email, &names);
    let kind = if email.starts_with("time") { Token::time(&cast.house.clock) } else { Token::event() };
    // Everybody gets a token: links come and go.
    let token = match human.token.take().filter(|_| enrolled || kind.kind() == "event") {
        Some(token) => token,
        None => cast.assign(kind, email),
    };
    human.token = Some(token);
    let mss = names.iter().any(|name| name.starts_with("mss"));
    if enrolled {
        cast.enrol(&mut human).await;
    }
    Someone {
        email: email.to_owned(),
        password: enrolled.then(|| PASSWORD.to_owned()),
        old: Vec::new(),
        token: human.token.take().expect("a token"),
        last: (enrolled && mss).then_some(1),
        registered: enrolled && mss,
        links: links.iter().copied().collect(),
        temporaries: Vec::new(),
    }
}
