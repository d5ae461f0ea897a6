//! `cargo xtask layers`: who may depend on whom, as a table, checked against the manifests.

use crate::{
    command::{Failure, Outcome},
    workspace::{self, Edge, Member, Purpose},
};

/// A crate, and the crates of ours that its product may use.
type Layer<'a> = (&'a str, &'a [&'a str]);

/// Bottom up. A line may name only crates that stand on lines above it.
const LAYERS: &[Layer<'_>] = &[
    ("postgres-cluster", &[]),
    ("fal-emulator", &[]),
    ("videogen-domain", &[]),
    ("fal-core", &[]),
    ("fal-upload", &["fal-core"]),
    ("videogen-service", &["fal-upload", "fal-core", "videogen-domain"]),
    ("videogen-queue", &["videogen-service", "videogen-domain"]),
    ("videogen", &["videogen-queue", "videogen-service", "fal-upload", "fal-core", "videogen-domain", "fal-emulator"]),
    ("videogen-cli", &["videogen"]),
    ("videogen-mcp", &["videogen"]),
    ("videogen-server", &["videogen"]),
];

/// Proofs that are packages of their own: the journeys and the fuzz targets. They see everything; nothing is above them.
const PROOFS: &[&str] = &["videogen-tests", "videogen-torture", "fal-core-fuzz"];

/// The chores use none of our crates, so that they still run when one of those does not compile.
const CHORES: &str = "xtask";

/// Runs the check and says that all is well.
pub(crate) fn run() -> Outcome {
    check().map_err(Failure::Check)?;
    println!("The crates depend on each other as the table of layers allows.");
    Ok(())
}

/// Checks the real workspace.
pub(crate) fn check() -> Result<(), String> {
    let found = violations(LAYERS, &workspace::members()?);
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// Everything in which the crates differ from the table, each in one sentence that says what to do.
fn violations(table: &[Layer<'_>], members: &[Member]) -> Vec<String> {
    let mut found = disorder(table);
    for member in members {
        found.extend(dependency_violations(table, member));
    }
    for (name, _) in table.iter().filter(|(name, _)| !members.iter().any(|member| member.name == *name)) {
        found
            .push(format!("xtask/src/layers.rs: there is no crate {name}; add it, or take its line out of the table."));
    }
    found
}

/// Lines that name a crate which does not stand above them.
fn disorder(table: &[Layer<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, (name, allowed)) in table.iter().enumerate() {
        let above = &table[..index];
        for missing in allowed.iter().filter(|used| !above.iter().any(|(lower, _)| lower == *used)) {
            found.push(format!(
                "xtask/src/layers.rs: the line of {name} names {missing}, which is not on a line above it; \
                 arrows point down only."
            ));
        }
    }
    found
}

fn dependency_violations(table: &[Layer<'_>], member: &Member) -> Vec<String> {
    let Some(allowed) = allowance(table, &member.name) else {
        return vec![format!(
            "{}: {} has no line in the table of xtask/src/layers.rs; add one, and a section in docs/architecture.md.",
            member.manifest, member.name
        )];
    };
    member.dependencies.iter().filter_map(|edge| edge_violation(member, edge, &allowed)).collect()
}

/// What a crate may use; `None` for one that the table does not know.
fn allowance<'a>(table: &'a [Layer<'_>], name: &str) -> Option<Allowance<'a>> {
    match name {
        _ if PROOFS.contains(&name) => Some(Allowance::Everything),
        CHORES => Some(Allowance::Only(&[])),
        _ => table.iter().find(|(known, _)| *known == name).map(|(_, allowed)| Allowance::Only(allowed)),
    }
}

enum Allowance<'a> {
    Everything,
    Only(&'a [&'a str]),
}

fn edge_violation(member: &Member, edge: &Edge, allowed: &Allowance<'_>) -> Option<String> {
    let (Member { name, manifest, .. }, Edge { to, requirement, .. }) = (member, edge);
    match (edge.purpose, allowed) {
        (_, Allowance::Everything) => None,
        (Purpose::Tests, _) if name == CHORES => {
            Some(format!("{manifest}: {name} tests with {to}, but uses none of our crates; remove the dependency."))
        }
        (Purpose::Tests, _) if requirement == "*" => None,
        (Purpose::Tests, _) => Some(format!(
            "{manifest}: the dev-dependency {to} asks for version {requirement}; write \
             `{to} = {{ path = \"../{to}\" }}` without a version, so that publishing never goes in circles."
        )),
        (Purpose::Product, Allowance::Only(names)) if names.contains(&to.as_str()) => None,
        (Purpose::Product, Allowance::Only(names)) => {
            let usable = if names.is_empty() { "none of our crates".to_owned() } else { names.join(", ") };
            Some(format!(
                "{manifest}: {name} depends on {to}, but may use only {usable}; remove the dependency or move the code \
                 to the layer where it belongs."
            ))
        }
    }
}

#[cfg(test)]
mod tests;
