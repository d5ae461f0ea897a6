//! The two clients: how each is installed from its lock file, and how its cases are run.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    Way,
    emulator::{Emulator, KEY},
    folder::{copy_files, done, emptied, made_from, text},
    tool,
    verdict::Verdict,
};
use crate::workspace::root;

/// What of the caller's environment could lead a client to fal itself, or past the emulator.
const REMOVED: [&str; 14] = [
    "FAL_KEY_ID",
    "FAL_KEY_SECRET",
    "FAL_FORCE_AUTH_BY_USER",
    "FAL_RUN_HOST",
    "FAL_QUEUE_RUN_HOST",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "NODE_USE_ENV_PROXY",
    "SSL_CERT_DIR",
];

/// An installed client and its cases.
pub(crate) struct Client {
    pub(super) name: &'static str,
    /// What runs its language, with the client in reach.
    pub(crate) program: PathBuf,
    arguments: Vec<&'static str>,
    /// Where the cases are, and what else is written for it.
    pub(crate) cases: PathBuf,
}

impl Client {
    /// Both clients, installed in folders of their own under `folder`; what is there already stays.
    pub(super) fn install(folder: &Path) -> Result<[Self; 2], String> {
        Ok([python(&folder.join("python"))?, javascript(&folder.join("javascript"))?])
    }

    /// Runs all cases, shows what they print, and reads the verdict off the end.
    pub(super) fn run(&self, way: Way, emulator: &Emulator) -> Result<Verdict, String> {
        let failed = |error| format!("The cases of {} could not be run: {error}.", self.name);
        let mut command = self.command(way, emulator);
        let mut suite = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut verdict = None;
        if let Some(output) = suite.stdout.take() {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                println!("{line}");
                verdict = Verdict::read(&line, way).or(verdict);
            }
        }
        let succeeded = suite.wait().map_err(failed)?.success();
        let mut verdict = verdict.ok_or(format!("The cases of {} broke off.", self.name))?;
        verdict.succeeded = succeeded;
        Ok(verdict)
    }

    fn command(&self, way: Way, emulator: &Emulator) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.cases);
        REMOVED.iter().for_each(|name| {
            command.env_remove(name);
        });
        command
            .env("FAL_KEY", KEY)
            .env("FAL_EMULATOR_URL", &emulator.url)
            .env("FAL_EMULATOR_WAY", way.name())
            .env("FAL_EMULATOR_PICTURE", root().join("examples/lighthouse.png"))
            .env("SSL_CERT_FILE", &emulator.authority)
            .env("NODE_EXTRA_CA_CERTS", &emulator.authority)
            .env("NO_PROXY", "127.0.0.1")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if way == Way::Proxy {
            command.env("HTTPS_PROXY", emulator.proxy());
        }
        command
    }
}

fn cases(language: &str) -> PathBuf {
    root().join("tests/official_clients").join(language)
}

/// A virtual environment; each package must have the hash that the lock file names.
fn python(folder: &Path) -> Result<Client, String> {
    let cases = cases("python");
    let (lock, program) = (cases.join("requirements.txt"), folder.join("bin/python"));
    let recipe = format!("python3 {}\n{}", tool::version_of("python3"), text(&lock)?);
    made_from(&recipe, folder, || {
        done(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"];
        done(Command::new(&program).args(install).arg(&lock))
    })?;
    Ok(Client { name: "fal's Python client", program, arguments: vec!["-u", "run.py"], cases })
}

/// A folder with `node_modules`; the cases are copied into it, since an import looks for packages above the file.
fn javascript(folder: &Path) -> Result<Client, String> {
    let (source, cases) = (cases("javascript"), folder.join("cases"));
    let recipe = format!("node {}\n{}", tool::version_of("node"), text(&source.join("package-lock.json"))?);
    made_from(&recipe, folder, || {
        copy_files(&source, folder)?;
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        done(Command::new("npm").args(install).current_dir(folder))
    })?;
    emptied(&cases)?;
    copy_files(&source, &cases)?;
    let arguments = vec!["--test-reporter=spec", "run.mjs"];
    Ok(Client { name: "fal's JavaScript client", program: "node".into(), arguments, cases })
}
