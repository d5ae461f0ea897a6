//! `cargo xtask official-clients`: fal's own clients for Python and JavaScript, unchanged, against the emulator.

mod client;
mod emulator;
mod folder;
mod tool;
mod verdict;

use std::path::{Path, PathBuf};

use crate::{
    command::{Failure, Outcome},
    workspace,
};
pub(crate) use client::Client;
use emulator::Emulator;
use verdict::Verdict;

/// How a client comes to the emulator.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// By its own settings; nothing else of it is changed.
    Settings,
    /// Through the emulator as a proxy; nothing of it is changed at all.
    Proxy,
}

impl Way {
    const ALL: [Self; 2] = [Self::Settings, Self::Proxy];

    fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Proxy => "proxy",
        }
    }
}

/// Runs every case of both clients both ways, and says how many held.
pub(crate) fn run() -> Outcome {
    prove().map_err(Failure::Check)
}

/// Both clients, Python's first, as the lock files say.
pub(crate) fn installed() -> Result<[Client; 2], String> {
    tool::require()?;
    Client::install(&folder()?)
}

fn folder() -> Result<PathBuf, String> {
    Ok(workspace::target()?.join("official-clients"))
}

fn prove() -> Result<(), String> {
    let (clients, folder) = (installed()?, folder()?);
    let program = emulator::build()?;
    let mut verdicts = Vec::new();
    for client in &clients {
        for way in Way::ALL {
            verdicts.push(ask(client, way, &program, &folder)?);
        }
    }
    println!("\n{}", verdict::table(&verdicts));
    if verdicts.iter().all(Verdict::holds) {
        return Ok(());
    }
    Err("A client noticed that it does not talk to fal; what is printed above says where.".into())
}

/// Each run has an emulator of its own, which ends with it.
fn ask(client: &Client, way: Way, program: &Path, folder: &Path) -> Result<Verdict, String> {
    println!("\n== {} by {} ==", client.name, way.name());
    let emulator = Emulator::start(program, &folder.join("state"))?;
    client.run(way, &emulator)
}
