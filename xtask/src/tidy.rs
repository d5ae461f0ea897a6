//! `cargo xtask tidy`: rules about the tree that no compiler checks.

mod code_map;
mod crate_readme;
mod left_over;
mod link;
mod opening_line;
mod tree;

use crate::{
    command::{Failure, Outcome},
    workspace::root,
};
use tree::Tree;

/// A rule reads the tree and returns one sentence per offence.
type Rule = fn(&Tree) -> Vec<String>;

const RULES: &[Rule] =
    &[opening_line::offences, code_map::offences, crate_readme::offences, left_over::offences, link::offences];

/// Runs every rule and says that all is well.
pub(crate) fn run() -> Outcome {
    let offences = offences().map_err(Failure::Check)?;
    if !offences.is_empty() {
        return Err(Failure::Check(offences.join("\n")));
    }
    println!("The tree is tidy.");
    Ok(())
}

fn offences() -> Result<Vec<String>, String> {
    let tree = Tree::read(&root())?;
    Ok(RULES.iter().flat_map(|rule| rule(&tree)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_tree_is_tidy() {
        let offences = offences().expect("the workspace that runs this test can be read");
        assert!(offences.is_empty(), "\n{}", offences.join("\n"));
    }
}
