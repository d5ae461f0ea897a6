//! Where each kind of fal host is served.

use std::net::SocketAddr;
use std::sync::LazyLock;

use crate::host_class::HostClass;

/// The base URLs of the emulator, without a trailing slash, for example `http://127.0.0.1:41234/queue`.
///
/// Put them in the place of fal's hosts: a path of `https://queue.fal.run` is the same path under [`Urls::queue`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Urls {
    /// Stands for `https://queue.fal.run`.
    pub queue: String,
    /// Stands for `https://fal.run`.
    pub run: String,
    /// Stands for `https://rest.fal.ai`.
    pub rest: String,
    /// Stands for `https://v3.fal.media`.
    pub cdn: String,
    /// Stands for `https://api.fal.ai`.
    pub platform: String,
    /// Stands for `https://fal.ai`.
    pub site: String,
}

impl Urls {
    pub(crate) fn at(address: SocketAddr, https: bool) -> Self {
        let scheme = if https { "https" } else { "http" };
        let under = |class: HostClass| format!("{scheme}://{address}/{class}");
        Self {
            queue: under(HostClass::Queue),
            run: under(HostClass::Run),
            rest: under(HostClass::Rest),
            cdn: under(HostClass::Cdn),
            platform: under(HostClass::Platform),
            site: under(HostClass::Site),
        }
    }

    /// fal's own, for a client that reached the emulator by fal's names.
    pub(crate) fn of_fal() -> &'static Self {
        static OF_FAL: LazyLock<Urls> = LazyLock::new(|| Urls {
            queue: "https://queue.fal.run".to_owned(),
            run: "https://fal.run".to_owned(),
            rest: "https://rest.fal.ai".to_owned(),
            cdn: "https://v3.fal.media".to_owned(),
            platform: "https://api.fal.ai".to_owned(),
            site: "https://fal.ai".to_owned(),
        });
        &OF_FAL
    }
}
