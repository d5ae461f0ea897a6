//! The catalogue: the endpoints that the emulator serves, each read from a file in `models/`.
//!
//! The files carry what fal has published of each endpoint by 2026: the schemas of its OpenAPI document and its prices.
//! They are the emulator's own copies, so that it can disagree with a client's.

mod check;
mod model;
mod openapi;
mod output;
mod pictures;
mod price;
mod schema;

use std::sync::LazyLock;

pub(crate) use model::{Model, Status};
pub(crate) use openapi::THUMBNAIL;
pub(crate) use pictures::NamedPicture;
pub(crate) use price::Price;

/// What all endpoints of the catalogue are for.
pub(crate) const CATEGORY: &str = "image-to-video";

/// Every endpoint, in the order of the README's table.
pub(crate) fn all() -> &'static [Model] {
    &CATALOGUE
}

/// The model of an endpoint id.
pub(crate) fn find(endpoint_id: &str) -> Option<&'static Model> {
    all().iter().find(|model| model.endpoint_id == endpoint_id)
}

static CATALOGUE: LazyLock<Vec<Model>> =
    LazyLock::new(|| FILES.iter().map(|file| serde_json::from_str(file).expect("a test reads every file")).collect());

const FILES: &[&str] = &[
    include_str!("../../models/kling-v2.1-standard.json"),
    include_str!("../../models/kling-v2.1-pro.json"),
    include_str!("../../models/kling-v2.1-master.json"),
    include_str!("../../models/kling-v2.5-turbo-standard.json"),
    include_str!("../../models/kling-v2.5-turbo-pro.json"),
    include_str!("../../models/kling-v3-pro.json"),
    include_str!("../../models/hailuo-02-standard.json"),
    include_str!("../../models/hailuo-2.3-standard.json"),
    include_str!("../../models/hailuo-2.3-pro.json"),
    include_str!("../../models/veo3.1.json"),
    include_str!("../../models/veo3.1-fast.json"),
    include_str!("../../models/veo3.1-first-last-frame.json"),
    include_str!("../../models/seedance-2.0.json"),
    include_str!("../../models/sora-2.json"),
    include_str!("../../models/wan-2.5.json"),
    include_str!("../../models/wan-2.7.json"),
    include_str!("../../models/ltx-2.3-fast.json"),
    include_str!("../../models/luma-ray-2.json"),
    include_str!("../../models/pixverse-v5.json"),
    include_str!("../../models/pixverse-v6.json"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::path::Path;

    #[test]
    fn every_file_can_be_read_and_none_is_forgotten() {
        for file in FILES {
            let read: Result<Model, _> = serde_json::from_str(file);
            assert!(read.is_ok(), "{:?} in {file}", read.err());
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let files = std::fs::read_dir(folder).expect("is there").count();
        assert_eq!(files, FILES.len() + 1, "one file more, for the schemas that all share");
    }

    #[test]
    fn no_two_models_have_the_same_endpoint_or_schemas() {
        let ids: HashSet<_> = all().iter().map(|model| model.endpoint_id).collect();
        let schemas: HashSet<_> = all().iter().map(Model::input_name).collect();
        assert_eq!((ids.len(), schemas.len()), (FILES.len(), FILES.len()));
    }
}
