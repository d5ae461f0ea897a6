//! Where the workspace is, and which crates it is made of.

use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// A crate of the workspace, as far as the layers need to know it.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Its `Cargo.toml`, relative to the root.
    pub(crate) manifest: String,
    /// The dependencies that are crates of the workspace too.
    pub(crate) dependencies: Vec<Edge>,
}

/// One dependency from a crate of ours to another one.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) to: String,
    pub(crate) purpose: Purpose,
    /// The version asked for; `*` where none is written.
    pub(crate) requirement: String,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    /// Part of what is shipped: `[dependencies]` and `[build-dependencies]`.
    Product,
    /// `[dev-dependencies]`: tests, examples and benchmarks.
    Tests,
}

/// The folder that holds the workspace's `Cargo.toml`.
#[expect(clippy::disallowed_methods, reason = "cargo says here which package it runs; the facade is out of reach")]
pub(crate) fn root() -> PathBuf {
    // Asked at run time: two clones may share a target folder, and cargo then runs what it built for the other one.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

/// The folder that cargo builds into.
pub(crate) fn target() -> Result<PathBuf, String> {
    Ok(metadata()?.target_directory.into())
}

/// Asks cargo for the crates of the workspace; neither a network nor a lock file is needed.
pub(crate) fn members() -> Result<Vec<Member>, String> {
    let (root, metadata) = (root(), metadata()?);
    let names: Vec<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    Ok(metadata.packages.iter().map(|package| member(package, &names, &root)).collect())
}

fn metadata() -> Result<Metadata, String> {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .map_err(|error| format!("`cargo metadata` could not read the workspace: {error}"))
}

fn member(package: &Package, ours: &[&str], root: &Path) -> Member {
    let manifest = package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path);
    let dependencies = package.dependencies.iter().filter(|dependency| ours.contains(&dependency.name.as_str()));
    Member {
        name: package.name.to_string(),
        manifest: manifest.as_str().replace('\\', "/"),
        dependencies: dependencies
            .map(|dependency| Edge {
                to: dependency.name.clone(),
                purpose: if dependency.kind == DependencyKind::Development { Purpose::Tests } else { Purpose::Product },
                requirement: dependency.req.to_string(),
            })
            .collect(),
    }
}
