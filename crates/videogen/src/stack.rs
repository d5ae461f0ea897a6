//! Puts the real parts together.

use std::path::PathBuf;
use std::sync::Arc;

use fal_core::{Credentials, FalClient, FalConfig, Hosts, Proxy, TransportConfig};
use fal_upload::{CachingUploader, FileUploadCache};
use videogen_domain::{
    BatchPlan, ChainPlan, ChainRequest, GenerationPlan, GenerationRequest, ImageInput, InspectedImages, ModelRegistry,
    Usd, Violations, validate,
};
use videogen_queue::{Queue, QueueConfig, QueuedTask, TaskStore};
use videogen_service::{AssetStore, Books, FolderAssetStore, GenerationService, Library, ServiceConfig};

use crate::{AllowedFolders, BatchRow, Config, ConfigSources, Environment, Error, folders};

/// Who makes the videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// fal, for money.
    Fal,
    /// Whatever answers at the addresses that are configured: an emulator or a proxy.
    Elsewhere,
    /// The emulator in this process, at no cost.
    BuiltInEmulator {
        /// Whether it keeps its requests for the next start; not while another process uses its folder.
        persistent: bool,
    },
}

/// The parts, put together.
#[derive(Debug)]
pub struct Videogen {
    service: GenerationService,
    pub(crate) config: Config,
    books: Arc<dyn Books>,
    library: Library,
    queue: Queue,
    provider: Provider,
    #[cfg(feature = "otlp")]
    observability: Option<crate::Observability>,
    /// `None` once it is closed. Whoever closes holds the lock until it has ended.
    #[cfg(feature = "emulator")]
    emulator: tokio::sync::Mutex<Option<fal_emulator::Emulator>>,
}

impl Videogen {
    /// Begins to put parts together.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Who makes the videos.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The models that can be asked for.
    pub fn models(&self) -> &ModelRegistry {
        self.service.models()
    }

    /// The settings that it was put together with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A request with all defaults, the configured model among them.
    pub fn request(&self, image: ImageInput, motion_prompt: impl Into<String>) -> GenerationRequest {
        GenerationRequest::new(image, motion_prompt).with_model(&self.config.default_model)
    }

    /// Makes a video of a request and waits for it, for the configured time at most.
    ///
    /// # Errors
    /// [`StillRunning`](videogen_queue::Error::StillRunning) with the task's id when the time is over: the task goes on
    /// and is paid for, so wait for it with [`queue`](Self::queue) and do not ask anew. Else when the request has
    /// mistakes, or the task cannot be kept.
    pub async fn generate(&self, request: &GenerationRequest) -> Result<QueuedTask, videogen_queue::Error> {
        let id = self.queue.submit(request).await?;
        self.queue.wait(&id, Some(self.config.generation_timeout)).await
    }

    /// Checks and prices a request. Nothing is sent.
    ///
    /// # Errors
    /// Every mistake at once.
    pub async fn plan(&self, request: &GenerationRequest) -> Result<GenerationPlan, Violations> {
        self.service.plan(request).await
    }

    /// Checks and prices every clip of a chain. Nothing is sent; [`Queue::chain`] makes it.
    ///
    /// # Errors
    /// Every mistake at once.
    pub async fn plan_chain(&self, request: &ChainRequest) -> Result<ChainPlan, Violations> {
        self.service.plan_chain(request).await
    }

    /// Checks and prices all requests of a batch, which may cost `max_cost` together. Nothing is sent; [`Queue::batch`] makes
    /// them. Requests that were read from a file come with it: [`read_batch`](Self::read_batch), [`plan_rows`](Self::plan_rows).
    ///
    /// # Errors
    /// Every mistake of every request at once, in a field such as `rows[2].duration`.
    pub async fn plan_batch(
        &self,
        requests: &[GenerationRequest],
        max_cost: Option<Usd>,
    ) -> Result<BatchPlan, Violations> {
        let mut plans = Vec::with_capacity(requests.len());
        for request in requests {
            plans.push(self.plan(request).await);
        }
        BatchPlan::of(plans, max_cost)
    }

    /// Like [`plan_batch`](Self::plan_batch), for requests that were read from a file.
    ///
    /// # Errors
    /// Every mistake of every row at once.
    pub async fn plan_rows(&self, rows: Vec<BatchRow>, max_cost: Option<Usd>) -> Result<BatchPlan, Violations> {
        let mut plans = Vec::with_capacity(rows.len());
        for BatchRow { request, fields } in rows {
            plans.push(fields.finish(self.plan(&request).await));
        }
        BatchPlan::of(plans, max_cost)
    }

    /// Like [`plan`](Self::plan), for a request from somebody else: paths must lead into the folders. Of a
    /// file outside nothing is read.
    ///
    /// # Errors
    /// Every mistake at once.
    pub async fn plan_within(
        &self,
        request: &GenerationRequest,
        folders: &AllowedFolders,
    ) -> Result<GenerationPlan, Violations> {
        let mut confined = request.clone();
        let image = folders.confine("image", &mut confined.image).await;
        let end_image = match &mut confined.end_image {
            Some(end) => folders.confine("end_image", end).await,
            None => Ok(()),
        };
        if image.is_ok() && end_image.is_ok() {
            return self.plan(&confined).await;
        }
        let images = InspectedImages { image: image.map(|()| None), end_image: end_image.map(|()| None) };
        validate(request, self.models(), &self.config.rules, images)
    }

    /// The metrics as a text for Prometheus; `None` where nothing is measured.
    ///
    /// # Errors
    /// [`Error::Telemetry`] when they cannot be written down.
    #[cfg(feature = "prometheus")]
    pub fn prometheus(&self) -> Result<Option<String>, Error> {
        self.observability.as_ref().map(crate::Observability::prometheus).transpose()
    }

    /// Where money and projects are written down.
    pub fn books(&self) -> &dyn Books {
        self.books.as_ref()
    }

    /// The finished videos.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Generations as tasks.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Closes everything that is under way, in this order: tasks stop, a submit that is under way is seen through first;
    /// the built-in emulator ends; traces, metrics and logs are sent, which takes 5 s for each kind at most. May be
    /// called again.
    ///
    /// Afterwards no task is taken in ([`Error::Stopped`](videogen_queue::Error::Stopped)), and what is known of tasks
    /// can still be read. Databases and pooled connections are closed with the last clone of what uses them: drop this
    /// and every clone of its [`queue`](Self::queue). What fal has accepted goes on there.
    pub async fn close(&self) {
        self.queue.stop().await;
        #[cfg(feature = "emulator")]
        {
            let mut emulator = self.emulator.lock().await;
            if let Some(emulator) = emulator.take() {
                emulator.stop().await;
            }
        }
        #[cfg(feature = "otlp")]
        if let Some(observability) = self.observability.clone() {
            // It blocks. Whether it came to a panic is told by the panic itself.
            let _ = tokio::task::spawn_blocking(move || observability.flush()).await;
        }
    }
}

/// Puts parts together. Every part has a default.
///
/// # Defaults
/// - `sources`: the working folder and the environment of the process
/// - `config`: read from the sources
/// - `output_folder`: the configured one
/// - `tasks`: those of [`Config::tasks`]
/// - `books`: those of [`Config::books`]
/// - `observability`: none
#[derive(Debug, Default)]
#[must_use = "call `build`"]
pub struct Builder {
    sources: Option<ConfigSources>,
    config: Option<Config>,
    output_folder: Option<PathBuf>,
    tasks: Option<Arc<dyn TaskStore>>,
    books: Option<Arc<dyn Books>>,
    #[cfg(feature = "otlp")]
    observability: Option<crate::Observability>,
}

impl Builder {
    /// Takes this environment in place of that of the process, and no files.
    pub fn environment(self, environment: Environment) -> Self {
        self.sources(ConfigSources::of(environment))
    }

    /// Takes settings and key from these sources.
    pub fn sources(mut self, sources: ConfigSources) -> Self {
        self.sources = Some(sources);
        self
    }

    /// Takes these settings in place of those of files and environment; the key still comes from there.
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Stores videos in this folder, which must exist when the first one is made.
    pub fn output_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.output_folder = Some(folder.into());
        self
    }

    /// Keeps tasks there.
    pub fn tasks(mut self, store: Arc<dyn TaskStore>) -> Self {
        self.tasks = Some(store);
        self
    }

    /// Writes down there what is spent, and keeps projects there.
    pub fn books(mut self, books: Arc<dyn Books>) -> Self {
        self.books = Some(books);
        self
    }

    /// Measures and traces by this.
    #[cfg(feature = "otlp")]
    pub fn observability(mut self, observability: crate::Observability) -> Self {
        self.observability = Some(observability);
        self
    }

    /// Puts the parts together; nothing is sent.
    ///
    /// # Errors
    /// When settings cannot be used, or there is no key and no emulator to take fal's place.
    pub async fn build(self) -> Result<Videogen, Error> {
        let sources = self.sources.unwrap_or_else(ConfigSources::of_process);
        let config = match self.config {
            Some(config) => config,
            None => Config::load(&sources)?,
        };
        let models = config.registry()?;
        let cache_folder = folders::cache(&config)?;
        let books: Arc<dyn Books> = match self.books {
            Some(books) => books,
            None => Arc::new(config.books(&sources)?),
        };
        let assets: Arc<dyn AssetStore> = match &self.output_folder {
            Some(folder) => Arc::new(FolderAssetStore::new(folder)),
            None => config.assets(None, &sources)?,
        };
        let library = Library::new(Arc::clone(&assets)).with_books(Arc::clone(&books));
        let connection = Connection::from(&sources.environment(), &config, &cache_folder).await?;
        let provider_name = connection.provider_name(&config);
        let transport = TransportConfig { proxy: Proxy::Environment, ..TransportConfig::default() };
        let fal = FalConfig::new(connection.credentials).with_hosts(connection.hosts).with_transport(transport);
        let client = FalClient::new(fal.with_retry(config.retry)).map_err(Error::Client)?;
        let uploads = FileUploadCache::new(cache_folder.join("uploads.sqlite"));
        let service = GenerationService::new(
            Arc::new(client.clone()),
            Arc::new(CachingUploader::new(client.clone(), Arc::new(uploads))),
            assets,
            models,
            ServiceConfig::default()
                .with_rules(config.rules.clone())
                .with_watch(config.watch)
                .with_bill_tolerance(config.bill_tolerance)
                .with_provider(provider_name)
                .with_poster(config.poster),
        )
        .with_books(Arc::clone(&books), config.budget)
        .with_history(Arc::new(client.clone()));
        #[cfg(feature = "frames")]
        let service = service.with_frames(Arc::new(videogen_service::H264FrameReader));
        #[cfg(feature = "otlp")]
        let service = match &self.observability {
            Some(observability) => {
                observability.instruments().watch(&client);
                service.with_telemetry(observability.instruments())
            }
            None => service,
        };
        let queue_config = QueueConfig::default()
            .with_max_concurrent_generations(config.max_concurrent_generations)
            .with_max_per_endpoint(config.max_per_endpoint.unwrap_or(usize::MAX))
            .with_max_per_project(config.max_per_project.unwrap_or(usize::MAX))
            .with_max_submits_per_endpoint(config.max_submits_per_endpoint)
            .with_reconcile_for(config.reconcile_for)
            .with_unconfirmed(config.unconfirmed);
        let tasks = match self.tasks {
            Some(tasks) => tasks,
            None => config.tasks(&sources)?,
        };
        let queue = Queue::new(service.clone(), tasks, queue_config);
        Ok(Videogen {
            service,
            config,
            books,
            library,
            queue,
            provider: connection.provider,
            #[cfg(feature = "otlp")]
            observability: self.observability,
            #[cfg(feature = "emulator")]
            emulator: tokio::sync::Mutex::new(connection.emulator),
        })
    }
}

/// Whom to talk to, and with what key.
struct Connection {
    credentials: Credentials,
    hosts: Hosts,
    provider: Provider,
    #[cfg(feature = "emulator")]
    emulator: Option<fal_emulator::Emulator>,
}

impl Connection {
    /// By what name finished videos tell who made them.
    fn provider_name(&self, config: &Config) -> String {
        match self.provider {
            Provider::Fal => "fal".to_owned(),
            // Its address is another each time.
            Provider::BuiltInEmulator { .. } => "emulator".to_owned(),
            Provider::Elsewhere => config.hosts.values().map(String::as_str).collect::<Vec<_>>().join(" "),
        }
    }

    async fn from(environment: &Environment, config: &Config, cache_folder: &std::path::Path) -> Result<Self, Error> {
        let moved = config.hosts.keys().map(|class| config.origin(&format!("fal.{}_url", class.name())).to_string());
        let moved: Vec<String> = moved.collect();
        let own = config.hosts.iter().try_fold(Hosts::default(), |hosts, (class, url)| hosts.with(*class, url));
        let hosts = own.map_err(Error::Client)?;
        let Some(credentials) = environment.credentials()? else {
            return Self::without_key(moved, cache_folder).await;
        };
        Ok(Self {
            credentials,
            hosts,
            provider: if moved.is_empty() { Provider::Fal } else { Provider::Elsewhere },
            #[cfg(feature = "emulator")]
            emulator: None,
        })
    }

    #[cfg(feature = "emulator")]
    async fn without_key(moved: Vec<String>, cache_folder: &std::path::Path) -> Result<Self, Error> {
        use fal_core::HostClass;
        if !moved.is_empty() {
            return Err(Error::NoKey { moved });
        }
        let state = cache_folder.join("emulator");
        let emulator = fal_emulator::Emulator::builder().state_dir(state).start().await.map_err(Error::Emulator)?;
        let urls = emulator.urls();
        let hosts = [
            (HostClass::Queue, &urls.queue),
            (HostClass::Run, &urls.run),
            (HostClass::Rest, &urls.rest),
            (HostClass::Cdn, &urls.cdn),
            (HostClass::Platform, &urls.platform),
        ];
        let hosts = hosts.into_iter().try_fold(Hosts::default(), |hosts, (class, url)| hosts.with(class, url));
        Ok(Self {
            credentials: Credentials::key("emulator:emulator").map_err(Error::Client)?,
            hosts: hosts.map_err(Error::Client)?,
            provider: Provider::BuiltInEmulator { persistent: emulator.persistent() },
            emulator: Some(emulator),
        })
    }

    #[cfg(not(feature = "emulator"))]
    async fn without_key(moved: Vec<String>, _cache_folder: &std::path::Path) -> Result<Self, Error> {
        Err(Error::NoKey { moved })
    }
}
