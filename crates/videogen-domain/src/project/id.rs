//! Our own names for projects, scenes and assets.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name that cannot be taken for another kind's. Whoever makes one sees to it that it is unique.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// Our own name for a project, unique.
    ProjectId
}
name! {
    /// Our own name for a scene, unique within its project.
    SceneId
}
name! {
    /// Our own name for an asset, unique.
    AssetId
}
