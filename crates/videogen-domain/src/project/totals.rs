//! What a project adds up to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Asset, AssetId, Project};
use crate::Usd;

/// What a project adds up to: the film that its scenes show, and everything that was made and paid for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ProjectTotals {
    /// How many scenes there are.
    pub scenes: usize,
    /// How many of them show a video.
    pub finished_scenes: usize,
    /// The length of the videos that the scenes show, in milliseconds, as far as it is known.
    pub duration_ms: u64,
    /// How many videos were made: those that were replaced, or made for no scene or a removed one, are among them.
    pub videos: usize,
    /// What these videos take up, in bytes; those whose file was deleted take up nothing.
    pub bytes: u64,
    /// What fal billed for them, in USD, as far as it is known.
    #[serde(rename = "known_cost_usd")]
    pub known_cost: Usd,
    /// For how many of them it is not known what fal billed.
    pub unknown_costs: usize,
}

impl ProjectTotals {
    /// Adds up a project and its assets. Assets of other projects do not count, and none counts twice.
    pub fn of<'a>(project: &Project, assets: impl IntoIterator<Item = &'a Asset>) -> Self {
        let own = assets.into_iter().filter(|asset| asset.project_id == *project.id());
        let assets: BTreeMap<&AssetId, &Asset> = own.map(|asset| (&asset.id, asset)).collect();

        let mut totals = Self { scenes: project.scenes().len(), videos: assets.len(), ..Self::default() };
        for shown in project.scenes().iter().filter_map(|scene| scene.shown()) {
            totals.finished_scenes += 1;
            let duration_ms = assets.get(shown).and_then(|asset| asset.facts.duration_ms).unwrap_or(0);
            totals.duration_ms = totals.duration_ms.saturating_add(duration_ms);
        }
        for asset in assets.values() {
            if asset.deleted_at.is_none() {
                totals.bytes = totals.bytes.saturating_add(asset.bytes);
            }
            match asset.billed {
                Some(billed) => totals.known_cost = totals.known_cost + billed,
                None => totals.unknown_costs += 1,
            }
        }
        totals
    }
}
