//! Puts the real parts together.

use std::path::PathBuf;
use std::sync::Arc;

use fal_core::{Credentials, FalClient, FalConfig, Hosts, Proxy, TransportConfig};
use fal_upload::{CachingUploader, FileUploadCache};
use videogen_domain::{
    GenerationPlan, GenerationRequest, InspectedImages, ModelRegistry, ValidationRules, Violations, validate,
};
use videogen_queue::{MemoryTaskStore, Queue, QueueConfig, TaskStore};
use videogen_service::{FolderAssetStore, GenerationService, ServiceConfig};

use crate::{AllowedFolders, Environment, Error};

/// Who makes the videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// fal, for money.
    Fal,
    /// Whatever answers at the addresses that the environment names: an emulator or a proxy.
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
    pub(crate) rules: ValidationRules,
    queue: Queue,
    provider: Provider,
    #[cfg(feature = "otlp")]
    observability: Option<crate::Observability>,
    #[cfg(feature = "emulator")]
    _emulator: Option<fal_emulator::Emulator>,
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

    /// Checks and prices a request. Nothing is sent.
    ///
    /// # Errors
    /// Every mistake at once.
    pub async fn plan(&self, request: &GenerationRequest) -> Result<GenerationPlan, Violations> {
        self.service.plan(request).await
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
        validate(request, self.models(), &self.rules, images)
    }

    /// The metrics as a text for Prometheus; `None` where nothing is measured.
    ///
    /// # Errors
    /// [`Error::Telemetry`] when they cannot be written down.
    #[cfg(feature = "prometheus")]
    pub fn prometheus(&self) -> Result<Option<String>, Error> {
        self.observability.as_ref().map(crate::Observability::prometheus).transpose()
    }

    /// Generations as tasks.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Stops all tasks. A submit that is under way is seen through first.
    pub async fn stop(&self) {
        self.queue.stop().await;
    }
}

/// Puts parts together. Every part has a default.
///
/// # Defaults
/// - `environment`: that of the process
/// - `output_folder`: the working folder
/// - `service`, `queue`: their own defaults
/// - `tasks`: in memory
/// - `observability`: none
#[derive(Debug, Default)]
#[must_use = "call `build`"]
pub struct Builder {
    environment: Option<Environment>,
    output_folder: PathBuf,
    service: ServiceConfig,
    queue: QueueConfig,
    tasks: Option<Arc<dyn TaskStore>>,
    #[cfg(feature = "otlp")]
    observability: Option<crate::Observability>,
}

impl Builder {
    /// Takes this environment in place of that of the process.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Stores videos in this folder, which must exist when the first one is made.
    pub fn output_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.output_folder = folder.into();
        self
    }

    /// Configures the service.
    pub fn service(mut self, config: ServiceConfig) -> Self {
        self.service = config;
        self
    }

    /// Configures the queue.
    pub fn queue(mut self, config: QueueConfig) -> Self {
        self.queue = config;
        self
    }

    /// Keeps tasks there.
    pub fn tasks(mut self, store: Arc<dyn TaskStore>) -> Self {
        self.tasks = Some(store);
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
    /// When a variable cannot be used, or there is no key and no emulator to take fal's place.
    pub async fn build(self) -> Result<Videogen, Error> {
        let environment = self.environment.unwrap_or_else(Environment::of_process);
        let cache_folder = environment.cache_folder()?;
        let connection = Connection::from(&environment, &cache_folder).await?;
        let transport = TransportConfig { proxy: Proxy::Environment, ..TransportConfig::default() };
        let config = FalConfig::new(connection.credentials).with_hosts(connection.hosts).with_transport(transport);
        let client = FalClient::new(config).map_err(Error::Client)?;
        let rules = self.service.rules.clone();
        let uploads = FileUploadCache::new(cache_folder.join("uploads.sqlite"));
        let service = GenerationService::new(
            Arc::new(client.clone()),
            Arc::new(CachingUploader::new(client.clone(), Arc::new(uploads))),
            Arc::new(FolderAssetStore::new(self.output_folder)),
            ModelRegistry::builtin(),
            self.service,
        );
        #[cfg(feature = "otlp")]
        let service = match &self.observability {
            Some(observability) => {
                observability.instruments().watch(&client);
                service.with_telemetry(observability.instruments())
            }
            None => service,
        };
        let tasks = self.tasks.unwrap_or_else(|| Arc::new(MemoryTaskStore::default()));
        let queue = Queue::new(service.clone(), tasks, self.queue);
        Ok(Videogen {
            service,
            rules,
            queue,
            provider: connection.provider,
            #[cfg(feature = "otlp")]
            observability: self.observability,
            #[cfg(feature = "emulator")]
            _emulator: connection.emulator,
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
    async fn from(environment: &Environment, cache_folder: &std::path::Path) -> Result<Self, Error> {
        let (hosts, moved) = environment.hosts()?;
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
    async fn without_key(moved: Vec<&'static str>, cache_folder: &std::path::Path) -> Result<Self, Error> {
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
    async fn without_key(moved: Vec<&'static str>, _cache_folder: &std::path::Path) -> Result<Self, Error> {
        Err(Error::NoKey { moved })
    }
}
