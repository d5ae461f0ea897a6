//! Shows the rule of the layers failing in every way it can, and passing on the real workspace.

use super::*;

const TABLE: &[Layer<'_>] =
    &[("base", &[]), ("left", &["base"]), ("right", &["base"]), ("top", &["left", "right", "base"])];

fn edge(to: &str, purpose: Purpose, requirement: &str) -> Edge {
    Edge { to: to.into(), purpose, requirement: requirement.into() }
}

/// The crates of `TABLE`, and `extra` as further dependencies of `from`.
fn workspace_with(from: &str, extra: Edge) -> Vec<Member> {
    let mut members: Vec<Member> = TABLE
        .iter()
        .map(|(name, allowed)| Member {
            name: (*name).into(),
            manifest: format!("crates/{name}/Cargo.toml"),
            dependencies: allowed.iter().map(|to| edge(to, Purpose::Product, "^0.1.0")).collect(),
        })
        .collect();
    for name in [PROOFS[0], PROOFS[1], CHORES] {
        members.push(Member { name: name.into(), manifest: format!("{name}/Cargo.toml"), dependencies: Vec::new() });
    }
    members.iter_mut().filter(|member| member.name == from).for_each(|member| member.dependencies.push(extra.clone()));
    members
}

#[track_caller]
fn assert_one(found: &[String], parts: &[&str]) {
    assert_eq!(found.len(), 1, "{found:#?}");
    for part in parts {
        assert!(found[0].contains(part), "{:?} is not in: {}", part, found[0]);
    }
}

#[test]
fn the_real_workspace_keeps_its_layers() {
    let members = workspace::members().expect("cargo can read the workspace that runs this test");
    let found = violations(LAYERS, &members);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_edge_that_the_table_allows_passes() {
    let unversioned_dev_dependency = edge("top", Purpose::Tests, "*");
    assert_eq!(violations(TABLE, &workspace_with("base", unversioned_dev_dependency)), [""; 0]);
}

#[test]
fn an_upward_edge_is_refused() {
    let found = violations(TABLE, &workspace_with("base", edge("top", Purpose::Product, "^0.1.0")));
    assert_one(&found, &["crates/base/Cargo.toml", "base depends on top", "none of our crates", "remove"]);
}

#[test]
fn a_sideways_edge_is_refused() {
    let found = violations(TABLE, &workspace_with("left", edge("right", Purpose::Product, "^0.1.0")));
    assert_one(&found, &["crates/left/Cargo.toml", "left depends on right", "may use only base"]);
}

#[test]
fn a_crate_that_the_table_does_not_know_is_refused() {
    let mut members = workspace_with("base", edge("top", Purpose::Tests, "*"));
    members.push(Member { name: "new".into(), manifest: "crates/new/Cargo.toml".into(), dependencies: Vec::new() });
    assert_one(&violations(TABLE, &members), &["crates/new/Cargo.toml", "no line in the table"]);
}

#[test]
fn a_line_without_a_crate_is_refused() {
    let mut members = workspace_with("base", edge("top", Purpose::Tests, "*"));
    members.retain(|member| member.name != "top");
    assert_one(&violations(TABLE, &members), &["no crate top"]);
}

#[test]
fn a_dev_dependency_with_a_version_is_refused() {
    let found = violations(TABLE, &workspace_with("right", edge("left", Purpose::Tests, "^0.1.0")));
    assert_one(&found, &["crates/right/Cargo.toml", "dev-dependency left", "^0.1.0", "path = \"../left\""]);
}

#[test]
fn the_journeys_may_use_everything_and_the_chores_nothing() {
    let product = edge("top", Purpose::Product, "^0.1.0");
    assert_eq!(violations(TABLE, &workspace_with(PROOFS[0], product.clone())), [""; 0]);
    assert_one(&violations(TABLE, &workspace_with(CHORES, product)), &["xtask/Cargo.toml", "xtask depends on top"]);
    let found = violations(TABLE, &workspace_with(CHORES, edge("top", Purpose::Tests, "*")));
    assert_one(&found, &["xtask/Cargo.toml", "xtask tests with top"]);
}

#[test]
fn a_line_that_names_a_crate_below_it_is_refused() {
    let upside_down: &[Layer<'_>] = &[("upper", &["lower"]), ("lower", &[])];
    assert_one(&disorder(upside_down), &["the line of upper names lower", "down only"]);
    assert_one(&disorder(&[("itself", &["itself"])]), &["the line of itself"]);
}
