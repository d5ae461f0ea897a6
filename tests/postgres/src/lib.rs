#![doc = include_str!("../README.md")]
#![expect(clippy::disallowed_methods, reason = "where tests find a server is told by their environment")]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio_postgres::{Config, NoTls};

/// A server. It ends when this is dropped, or the process ends.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    own: Option<Own>,
}

/// A server of our own.
#[derive(Debug)]
struct Own {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    is_durable: bool,
    /// Ends the server when its standard input ends, and that is when this process does.
    keeper: Mutex<Child>,
}

/// What the keeper does: `$1` the folder, `$2` the programs, `$3` what the server is told.
const KEEP: &str = r#"
mkdir "$1" && "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$1/log" 2>&1 </dev/null &&
    "$2/pg_ctl" start -w -D "$1/data" -l "$1/log" -o "$3" >/dev/null 2>&1 </dev/null &&
    echo ready
cat >/dev/null
"$2/pg_ctl" stop -m immediate -D "$1/data" >/dev/null 2>&1 </dev/null
rm -rf "$1"
"#;

impl Cluster {
    /// The one server of this process; started when it is asked for the first time.
    ///
    /// # Panics
    /// When there is none and none can be started, with what to do.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| match std::env::var("DATABASE_URL") {
            Ok(url) if !url.is_empty() => Self { url, own: None },
            _ => Self::start(false),
        })
    }

    /// A server of its own, whatever `DATABASE_URL` says. One that is durable waits for the disk at every commit.
    ///
    /// # Panics
    /// When it cannot be started, with what to do.
    pub fn start(is_durable: bool) -> Self {
        let programs = programs();
        let folder = folder();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port is free").port();
        let mut keeper = unprivileged("sh")
            .args(["-c", KEEP, "sh"])
            .args([folder.as_os_str(), programs.as_os_str()])
            .arg(options(port, is_durable))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell can be started");
        let mut said = String::new();
        let stdout = keeper.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut said).expect("can be read");
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert_eq!(said, "ready\n", "PostgreSQL could not be started: {}", log());
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Self { url, own: Some(Own { folder, programs, port, is_durable, keeper: Mutex::new(keeper) }) }
    }

    /// The address of a database that is new and empty.
    ///
    /// # Panics
    /// When none can be created.
    pub async fn new_database(&self) -> String {
        let name = format!("videogen_{}", uuid::Uuid::now_v7().simple());
        let config: Config = self.url.parse().expect("DATABASE_URL is the address of a database");
        let (client, connection) = config.connect(NoTls).await.expect("the server of the tests can be reached");
        let connection = tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("databases may be created");
        drop(client);
        let _ = connection.await;
        let (server, options) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (server, _) = server.rsplit_once('/').expect("DATABASE_URL names a database");
        if options.is_empty() { format!("{server}/{name}") } else { format!("{server}/{name}?{options}") }
    }

    /// Kills the server as a crash would and starts it again; `None` when it is not ours to kill. Whoever was connected
    /// is not any more.
    ///
    /// # Panics
    /// When it does not start again.
    pub async fn restart(&self) -> Option<()> {
        let own = self.own.as_ref()?;
        own.control(&["stop", "-m", "immediate"]);
        own.control(&["start", "-w", "-l", &own.folder.join("log").display().to_string()]);
        Some(())
    }
}

impl Own {
    fn control(&self, command: &[&str]) {
        let mut control = unprivileged(self.programs.join("pg_ctl"));
        control.args(command).arg("-D").arg(self.folder.join("data"));
        if command[0] == "start" {
            control.arg("-o").arg(options(self.port, self.is_durable));
        }
        let ended = control.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(ended.expect("pg_ctl can be started").success(), "pg_ctl {} failed", command[0]);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        drop(keeper.stdin.take());
        let _ = keeper.wait();
    }
}

fn options(port: u16, is_durable: bool) -> String {
    let disk = if is_durable { "" } else { " -c fsync=off" };
    format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200{disk}")
}

/// Root may not run a server.
fn unprivileged(program: impl AsRef<Path>) -> Command {
    let program = program.as_ref();
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    static IS_ROOT: OnceLock<bool> = OnceLock::new();
    *IS_ROOT
        .get_or_init(|| Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.trim_ascii() == b"0"))
}

/// Where a new folder may be made: in `target/`, or elsewhere where the user of the server may not go there.
fn folder() -> PathBuf {
    let name = uuid::Uuid::now_v7().simple().to_string();
    let tests = std::env::current_exe().expect("a test has a file");
    let target = tests.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let places = target.map(Path::to_path_buf).into_iter().chain([std::env::temp_dir()]);
    for place in places.map(|place| place.join("postgres")) {
        std::fs::create_dir_all(&place).expect("a folder can be made");
        if !is_root() {
            return place.join(name);
        }
        let owned = Command::new("chown").arg("postgres").arg(&place).status();
        let may = unprivileged("test").arg("-w").arg(&place).stderr(Stdio::null()).status();
        if owned.is_ok_and(|ended| ended.success()) && may.is_ok_and(|ended| ended.success()) {
            return place.join(name);
        }
    }
    panic!("the user postgres may write neither in target/ nor in the folder for temporary files");
}

/// Where the programs of PostgreSQL are, which are installed where that may be.
fn programs() -> PathBuf {
    if let Some(found) = installed() {
        return found;
    }
    install();
    installed().expect(
        "these tests need PostgreSQL, which is not installed: install it (on Debian and Ubuntu: apt-get install \
         postgresql), or set DATABASE_URL to the address of a server where databases may be created",
    )
}

fn installed() -> Option<PathBuf> {
    // Debian keeps them apart, one folder for each version.
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.into_iter().rev().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

/// One process of many installs; the others wait for it.
fn install() {
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return;
    }
    let lock = File::create(std::env::temp_dir().join("postgres-cluster.lock")).expect("a file can be made");
    lock.lock().expect("a file can be locked");
    if installed().is_some() {
        return;
    }
    for command in [&["update"][..], &["install", "-y", "--no-install-recommends", "postgresql"]] {
        let _ = Command::new("apt-get")
            .args(command)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
    }
}
