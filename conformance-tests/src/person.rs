//! Someone with a browser that runs no script: it keeps cookies, follows redirects, fills in forms.

use reqwest::{Client, Method};
use url::Url;

use crate::page::Page;

/// A browser's worth of cookies, and where the origins it may visit are really found.
#[derive(Clone, Debug)]
pub struct Person {
    http: Client,
    /// Origin as the browser names it, and where it is served.
    routes: Vec<(String, String)>,
    /// The cookies.
    pub jar: Vec<Cookie>,
    /// What the browser asks for in `Accept-Language`.
    pub accept_language: String,
}

/// A cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    host: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What was said when it was set, in lower case.
    pub attributes: String,
}

/// Where a navigation ends.
#[derive(Clone, Debug)]
pub enum Landing {
    /// At a page.
    Page(Box<Page>),
    /// At an address of somebody else: a redirect to a client.
    Away(Url),
}

impl Landing {
    /// The page.
    ///
    /// # Panics
    /// When the browser has been sent away.
    #[must_use]
    pub fn page(self) -> Page {
        match self {
            Self::Page(page) => *page,
            Self::Away(url) => panic!("a page was expected, not a redirect to {url}"),
        }
    }

    /// The page, checked to be the one at `path`.
    ///
    /// # Panics
    /// When it is another.
    #[must_use]
    pub fn at(self, path: &str) -> Page {
        let page = self.page();
        assert_eq!(page.path(), path, "the page is {} «{}» {:?}", page.status, page.heading, page.problem);
        page
    }

    /// Where the browser was sent.
    ///
    /// # Panics
    /// When it has stayed.
    #[must_use]
    pub fn away(self) -> Url {
        match self {
            Self::Away(url) => url,
            Self::Page(page) => panic!(
                "a redirect to the client was expected, not {} {} «{}» {:?}",
                page.status, page.url, page.heading, page.problem
            ),
        }
    }
}

impl Person {
    /// A fresh browser that may visit these origins.
    ///
    /// # Panics
    /// When no HTTP client can be made.
    #[must_use]
    pub fn new(routes: &[(&str, &str)]) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none());
        let http = http.timeout(std::time::Duration::from_secs(60)).build().expect("an HTTP client");
        let routes = routes.iter().map(|(origin, base)| ((*origin).to_owned(), (*base).to_owned())).collect();
        Self { http, routes, jar: Vec::new(), accept_language: "en".to_owned() }
    }

    /// Follows a link, and its redirects, to a page or away.
    pub async fn visit(&mut self, url: &Url) -> Landing {
        if self.route(url).is_none() {
            return Landing::Away(url.clone());
        }
        let first = self.send(Method::GET, url, None, &[("sec-fetch-site", "none")]).await;
        self.follow(first).await
    }

    /// Opens a path of the provider.
    ///
    /// # Panics
    /// When the path is not one.
    pub async fn open(&mut self, path: &str) -> Landing {
        let url = Url::parse(&self.routes[0].0).and_then(|origin| origin.join(path)).expect("a path");
        self.visit(&url).await
    }

    /// Fills in the page's form and presses its button.
    ///
    /// # Panics
    /// When the page has no form, or the form has no such field.
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Landing {
        let first = self.post_form(page, fields).await;
        self.follow(first).await
    }

    /// As [`submit`](Self::submit), without following where it leads.
    ///
    /// # Panics
    /// When the page has no form, or the form has no such field.
    pub async fn post_form(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form().unwrap_or_else(|| panic!("no form on {}:\n{}", page.url, page.body));
        let mut sent: Vec<(String, String)> = form.fields.clone();
        for (name, value) in fields {
            let known = form.controls.iter().any(|control| control.name == *name);
            assert!(known, "no field {name:?} on {}", page.url);
            sent.retain(|(own, _)| own != name);
            sent.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.post(&form.action.clone(), &sent).await
    }

    /// Posts a form's worth of fields as a page of the same origin does.
    pub async fn post(&mut self, url: &Url, fields: &[(String, String)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let origin = url.origin().ascii_serialization();
        let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, url, Some(body), &headers).await
    }

    /// Follows redirects from an answer.
    ///
    /// # Panics
    /// When they do not end.
    pub async fn follow(&mut self, mut page: Page) -> Landing {
        for _ in 0..10 {
            let redirect = matches!(page.status, 301 | 302 | 303 | 307 | 308);
            let Some(location) = page.header("location").filter(|_| redirect) else {
                return Landing::Page(Box::new(page));
            };
            let next = page.url.join(location).expect("a redirect leads to a URL");
            if self.route(&next).is_none() {
                return Landing::Away(next);
            }
            page = self.send(Method::GET, &next, None, &[("sec-fetch-site", "same-origin")]).await;
        }
        panic!("more than ten redirects, the last to {}", page.url);
    }

    fn route(&self, url: &Url) -> Option<&str> {
        let origin = url.origin().ascii_serialization();
        self.routes.iter().find(|(own, _)| *own == origin).map(|(_, base)| base.as_str())
    }

    /// Sends one request and reads its answer, keeping cookies as a browser does.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn send(
        &mut self,
        method: Method,
        url: &Url,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Page {
        let base = self.route(url).unwrap_or_else(|| panic!("{url} is nowhere to be found")).to_owned();
        let host = url.host_str().unwrap_or_default().to_owned();
        let authority = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let target = format!("{base}{}", &url[url::Position::BeforePath..url::Position::AfterQuery]);
        let mut request = self.http.request(method, target).header("host", authority);
        request = request.header("accept", "text/html").header("accept-language", &self.accept_language);
        let own = self.jar.iter().filter(|cookie| cookie.host == host);
        let cookies: Vec<String> = own.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        let status = answer.status().as_u16();
        let text =
            |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers: Vec<(String, String)> =
            answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        for (_, set) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(&host, set, url.scheme() == "https");
        }
        let bytes = answer.bytes().await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        Page::read(url.clone(), status, headers, String::from_utf8_lossy(&bytes).into_owned())
    }

    fn keep(&mut self, host: &str, set: &str, https: bool) {
        let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name and a value");
        let attributes = attributes.to_lowercase();
        let has = |wanted: &str| attributes.split(';').any(|attribute| attribute.trim() == wanted);
        assert!(has("httponly"), "a cookie that scripts can read: {name}");
        assert_eq!(has("secure"), https, "{name}: {attributes}");
        assert_eq!(name.starts_with("__Host-"), https, "{name}");
        assert!(!attributes.contains("domain="), "{name}: {attributes}");
        self.jar.retain(|cookie| cookie.host != host || cookie.name != name);
        let gone = value.is_empty() || has("max-age=0") || attributes.contains("expires=thu, 01 jan 1970");
        if !gone {
            let (host, name, value) = (host.to_owned(), name.to_owned(), value.to_owned());
            self.jar.push(Cookie { host, name, value, attributes });
        }
    }

    /// The value of the cookie whose name ends so.
    #[must_use]
    pub fn cookie(&self, ending: &str) -> Option<&str> {
        self.jar.iter().find(|cookie| cookie.name.ends_with(ending)).map(|cookie| cookie.value.as_str())
    }

    /// Puts a cookie of the provider's into the jar, as somebody who stole its value would.
    ///
    /// # Panics
    /// When the provider's origin has no host.
    pub fn plant(&mut self, name: &str, value: &str) {
        let origin = Url::parse(&self.routes[0].0).expect("an origin");
        let host = origin.host_str().expect("a host").to_owned();
        self.jar.retain(|cookie| cookie.name != name);
        let (name, value) = (name.to_owned(), value.to_owned());
        self.jar.push(Cookie { host, name, value, attributes: String::new() });
    }

    /// What closing the browser does: cookies without a lifetime go.
    pub fn close_browser(&mut self) {
        self.jar.retain(|cookie| {
            cookie.attributes.contains("max-age=") || cookie.attributes.contains("expires=")
        });
    }
}
