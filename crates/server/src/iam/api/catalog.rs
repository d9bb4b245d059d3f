//! `GET /v3/auth/catalog` and `GET /v3/regions`: where the services are.
//!
//! One installation serves everything from one address, so the catalogue has the ticket service and the identity service
//! under it, both global.

use axum::extract::State;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Links, PublicUrl, SelfLink};
use crate::{app::App, reply::Reply, vault::hex};

/// A service of the catalogue.
#[derive(Serialize)]
pub(crate) struct Service {
    endpoints: Vec<Endpoint>,
    id: String,
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Endpoint {
    id: String,
    interface: &'static str,
    region: &'static str,
    region_id: &'static str,
    url: String,
}

/// The services under a public address.
pub(super) fn services(url: &PublicUrl) -> Vec<Service> {
    [("osm", ""), ("iam", "/v3")]
        .into_iter()
        .map(|(name, path)| Service {
            endpoints: vec![Endpoint {
                id: fixed_id("endpoint", name),
                interface: "public",
                region: "*",
                region_id: "*",
                url: format!("{}{path}", url.0),
            }],
            id: fixed_id("service", name),
            name,
            kind: name,
        })
        .collect()
}

/// An id that is the same in every installation, because the thing is.
fn fixed_id(what: &str, name: &str) -> String {
    hex(&Sha256::digest(format!("{what}/{name}"))[..16])
}

/// The answer of [`list_auth_catalog`].
#[derive(Serialize)]
pub struct Catalog {
    catalog: Vec<Service>,
    links: SelfLink,
}

/// List the services that a login is good for.
pub async fn list_auth_catalog(url: PublicUrl) -> Reply<Catalog> {
    Reply(Catalog { catalog: services(&url), links: SelfLink::new(&url, "/v3/auth/catalog") })
}

#[derive(Serialize)]
struct Region {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    description: &'static str,
    parent_region_id: Option<String>,
    locales: Locales,
    links: SelfLink,
}

#[derive(Serialize)]
struct Locales {
    #[serde(rename = "zh-cn")]
    zh_cn: String,
    #[serde(rename = "en-us")]
    en_us: String,
}

/// The answer of [`list_iam_regions`].
#[derive(Serialize)]
pub struct Regions {
    regions: Vec<Region>,
    links: Links,
}

/// List the regions: the one that default projects are named after.
pub async fn list_iam_regions(State(app): State<App>, url: PublicUrl) -> Reply<Regions> {
    let id = app.config.api.region.clone();
    let region = Region {
        kind: "public",
        description: "",
        parent_region_id: None,
        locales: Locales { zh_cn: id.clone(), en_us: id.clone() },
        links: SelfLink::new(&url, &format!("/v3/regions/{id}")),
        id,
    };
    Reply(Regions { regions: vec![region], links: Links::to(&url, "/v3/regions") })
}
