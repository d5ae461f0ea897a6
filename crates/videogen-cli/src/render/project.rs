//! Projects, for a person and for a program.
#![expect(clippy::print_stdout, reason = "printing is what this file is for")]

use serde::Serialize;
use videogen::domain::{Asset, Ledger, Project, ProjectTotals, Scene};

/// A project, as `--json` shows it.
#[derive(Serialize)]
struct ProjectObject<'a> {
    id: &'a str,
    title: &'a str,
    aspect_ratio: Option<String>,
    platform: Option<&'static str>,
    totals: ProjectTotals,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_usd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenes: Option<&'a [Scene]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assets: Option<&'a [Asset]>,
}

impl<'a> ProjectObject<'a> {
    fn of(project: &'a Project, totals: ProjectTotals) -> Self {
        Self {
            id: project.id().as_str(),
            title: project.title(),
            aspect_ratio: project.aspect_ratio().map(|ratio| ratio.to_string()),
            platform: project.preset().map(|preset| preset.name()),
            totals,
            reserved_usd: None,
            scenes: None,
            assets: None,
        }
    }
}

/// Every project, one to a line, or one JSON array.
pub(crate) fn list(projects: &[(Project, ProjectTotals)], json: bool) {
    if json {
        let objects: Vec<_> = projects.iter().map(|(project, totals)| ProjectObject::of(project, *totals)).collect();
        return print_json(&objects);
    }
    if projects.is_empty() {
        println!("There are no projects yet; `videogen project create` begins one.");
    }
    let width = projects.iter().map(|(project, _)| project.id().as_str().chars().count()).max().unwrap_or_default();
    for (project, totals) in projects {
        println!("{:width$}  {}  {}", project.id().as_str(), summary(totals), project.title());
    }
}

/// One project with its scenes, or one JSON object.
pub(crate) fn show(project: &Project, assets: &[Asset], ledger: Ledger, json: bool) {
    let totals = ProjectTotals::of(project, assets);
    if json {
        let reserved_usd = Some(ledger.reserved().dollars().to_string());
        let (scenes, assets) = (Some(project.scenes()), Some(assets));
        return print_json(&ProjectObject { reserved_usd, scenes, assets, ..ProjectObject::of(project, totals) });
    }
    println!("Project    {} ({})", project.title(), project.id());
    if let Some(ratio) = project.aspect_ratio() {
        let platform = project.preset().map_or_else(String::new, |preset| format!(", for {preset}"));
        println!("Form       {ratio}{platform}");
    }
    println!("Totals     {}", summary(&totals));
    println!("Reserved   {}", ledger.reserved());
    for (number, scene) in project.scenes().iter().enumerate() {
        println!("{:>3}. {}  {}", number + 1, scene.id(), scene.description());
        let shown = scene.shown().and_then(|shown| assets.iter().find(|asset| asset.id == *shown));
        if let Some(asset) = shown {
            let length =
                asset.facts.duration_ms.map_or_else(String::new, |ms| format!(", {:.1} s", ms as f64 / 1000.0));
            let billed = asset.billed.map_or_else(|| "cost unknown".to_owned(), |billed| billed.to_string());
            println!("     {}{length}, {billed}", asset.name);
        }
    }
}

fn summary(totals: &ProjectTotals) -> String {
    let unknown = match totals.unknown_costs {
        0 => String::new(),
        some => format!(" and {some} of unknown cost"),
    };
    let ProjectTotals { scenes, finished_scenes, duration_ms, known_cost, .. } = totals;
    format!("{finished_scenes} of {scenes} scenes, {:.1} s, {known_cost}{unknown}", *duration_ms as f64 / 1000.0)
}

fn print_json(value: &impl Serialize) {
    // Texts, numbers and lists: writing them cannot fail.
    println!("{}", serde_json::to_string(value).unwrap_or_default());
}
