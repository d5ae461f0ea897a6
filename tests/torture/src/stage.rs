//! An emulator with faults, a folder, a store of tasks, and what has to be true when all is done.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use fal_emulator::{Emulator, Fault, FaultRule, Operation, Pace};
use image::{Rgb, RgbImage};
use postgres_cluster::Cluster;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use videogen::domain::UnixMillis;
use videogen::queue::TaskFilter;
use videogen::{Usd, Videogen};

use crate::plan::Store;
use crate::worker::{WORKER, prompt};

/// The longest time that a worker may take for what is left, in whatever state it finds it.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a process that gives no sign is waited for, in seconds.
pub(crate) const LEASE: f64 = 1.0;

/// What goes wrong with exchanges when something does.
fn faults() -> Vec<Fault> {
    vec![
        Fault::ResetBeforeAccept,
        Fault::ReplyLost,
        Fault::RateLimited { retry_after: None },
        Fault::Nginx502 { after_accept: false },
        Fault::Nginx502 { after_accept: true },
        Fault::GatewayJson503 { after_accept: false },
        Fault::ServerError { after_accept: true },
        Fault::TruncatedDownload { at: Some(10) },
    ]
}

pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    folder: TempDir,
    store: String,
    program: PathBuf,
    tasks: usize,
}

impl Stage {
    /// For so many videos; each exchange with fal goes wrong with this probability.
    pub(crate) async fn set(program: &Path, store: Store, tasks: usize, faults_at: f64, seed: u64) -> Self {
        let mut emulator = Emulator::builder().pace(Pace::Fast).rendering(false).seed(seed);
        let each = faults_at / faults().len() as f64;
        for fault in faults().into_iter().filter(|_| faults_at > 0.0) {
            emulator = emulator.fault(FaultRule::new(fault).on(Operation::Any).probability(each));
        }
        let emulator = emulator.start().await.expect("the emulator starts");
        let folder = tempfile::tempdir().expect("there is room");
        let store = match store {
            Store::Sqlite => folder.path().join("tasks.sqlite").display().to_string(),
            Store::Postgres => Cluster::shared().new_database().await,
        };
        let part = |at: u32, of: u32| (at * 255 / of) as u8;
        let still = RgbImage::from_fn(64, 36, |x, y| Rgb([part(x, 64), part(y, 36), part(x + y, 100)]));
        still.save(folder.path().join("still.png")).expect("the picture is saved");
        Self { emulator, folder, store, program: program.to_owned(), tasks }
    }

    fn variables(&self, unconfirmed: &str) -> Vec<(&'static str, String)> {
        let urls = self.emulator.urls();
        let folder = |name: &str| self.folder.path().join(name).display().to_string();
        vec![
            ("FAL_KEY", "id:secret".to_owned()),
            ("VIDEO_GEN_CACHE_DIR", folder("cache")),
            ("VIDEO_GEN_DATA_DIR", folder("data")),
            ("VIDEO_GEN_FAL_QUEUE_URL", urls.queue.clone()),
            ("VIDEO_GEN_FAL_REST_URL", urls.rest.clone()),
            ("VIDEO_GEN_FAL_CDN_URL", urls.cdn.clone()),
            ("VIDEO_GEN_FAL_PLATFORM_URL", urls.platform.clone()),
            ("VIDEO_GEN_QUEUE_STORE", self.store.clone()),
            ("VIDEO_GEN_QUEUE_LEASE", LEASE.to_string()),
            ("VIDEO_GEN_QUEUE_UNCONFIRMED", unconfirmed.to_owned()),
            // The emulator shows at once what it has accepted.
            ("VIDEO_GEN_QUEUE_RECONCILE_FOR", if unconfirmed == "resubmit" { "0.5" } else { "3600" }.to_owned()),
            ("VIDEO_GEN_RETRY_INITIAL_DELAY", "0.02".to_owned()),
            ("VIDEO_GEN_RETRY_MAX_DELAY", "0.1".to_owned()),
            ("VIDEO_GEN_MAX_CONCURRENT_GENERATIONS", self.tasks.to_string()),
        ]
    }

    /// Starts a worker, which is killed when this process goes away.
    pub(crate) fn worker(&self, unconfirmed: &str, die_at: &[&str]) -> Child {
        let mut command = Command::new(&self.program);
        command.arg(WORKER).arg(self.folder.path()).arg(self.tasks.to_string()).args(die_at);
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).envs(self.variables(unconfirmed));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.kill_on_drop(true).spawn().expect("the program starts")
    }

    /// Lets one worker bring everything to its end, and looks at what is there.
    ///
    /// # Panics
    /// When something was paid twice, or is missing.
    pub(crate) async fn finish(&self, told: &str) -> Usd {
        let worker = self.worker("resubmit", &[]);
        let ended = tokio::time::timeout(PATIENCE, worker.wait_with_output()).await;
        let ended = ended.unwrap_or_else(|_| panic!("{told}: a task never ends")).expect("it can be waited for");
        assert!(ended.status.success(), "{told}: {}", String::from_utf8_lossy(&ended.stderr));
        self.verify(told).await
    }

    async fn verify(&self, told: &str) -> Usd {
        let (ledger, videogen) = (self.emulator.ledger(), self.videogen().await);
        let videos = videogen.library().videos().await.expect("the folder can be read");
        for number in 0..self.tasks {
            let charges = ledger.charges_for_input(|input| input["prompt"] == prompt(number));
            assert_eq!(charges.len(), 1, "{told}: video {number} was paid so often: {charges:?}");
            let name = format!("{number}.mp4");
            let video = videos.iter().find(|video| video.file.name == name);
            let sidecar = &video.unwrap_or_else(|| panic!("{told}: {name} is missing")).sidecar;
            assert_eq!(sidecar.request_id.as_ref(), Some(&charges[0].request_id), "{told}: {name} is another's");
            let bytes = std::fs::read(self.folder.path().join(&name)).expect("it can be read");
            assert_eq!(bytes.len() as u64, sidecar.video_bytes, "{told}: {name} is not whole");
        }
        assert_eq!(ledger.charges().len(), self.tasks, "{told}: there are charges that no video belongs to");
        let books = videogen.books().ledgers(None, UnixMillis(0)).await.expect("the books can be read");
        let charged = Usd::new(ledger.total_usd()).expect("an amount");
        assert_eq!(books.overall.spent(), charged, "{told}: the books differ from the bill");
        assert_eq!(books.overall.reserved(), Usd::ZERO, "{told}: something stays set aside");
        let unfinished = videogen.queue().list(&TaskFilter::default().unfinished()).await.expect("tasks can be read");
        assert!(unfinished.is_empty(), "{told}: {unfinished:?}");
        videogen.close().await;
        charged
    }

    async fn videogen(&self) -> Videogen {
        let environment = self.variables("hold").into_iter().collect();
        Videogen::builder().environment(environment).output_folder(self.folder.path()).build().await.expect("fits")
    }
}
