//! Lists: TOML arrays, or one string separated by commas as a variable holds it.

use std::net::IpAddr;

use countersign_provider::outbound::address::{Listed, NotListable};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

/// A list of networks. An address alone is a network of one.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    list(deserializer, |text| {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("{text:?} is neither an address nor a network like 10.0.0.0/8"))
    })
}

/// A list of networks and host names.
pub(super) fn destinations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Listed>, D::Error> {
    list(deserializer, |text| text.parse().map_err(|error: NotListable| error.to_string()))
}

/// A list of texts.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    list(deserializer, |text| Ok(text.to_owned()))
}

/// A list: a TOML array, or one string separated by commas as a variable holds it.
fn list<'de, D, T>(deserializer: D, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Items {
        Many(Vec<String>),
        One(String),
    }
    let texts = match Items::deserialize(deserializer)? {
        Items::Many(texts) => texts,
        Items::One(text) => text.split(',').map(str::to_owned).collect(),
    };
    let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    texts.map(|text| parse(text).map_err(serde::de::Error::custom)).collect()
}
