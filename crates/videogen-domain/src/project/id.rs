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
impl ProjectId {
    /// A name made of a title: its letters and digits in lower case, with `-` between words; `None` where it has neither.
    ///
    /// ```
    /// use videogen_domain::ProjectId;
    ///
    /// assert_eq!(ProjectId::of_title("The Lighthouse, 2nd cut!"), Some("the-lighthouse-2nd-cut".into()));
    /// assert_eq!(ProjectId::of_title("…"), None);
    /// ```
    pub fn of_title(title: &str) -> Option<Self> {
        let words = title.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let name = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
        (!name.is_empty()).then_some(Self(name))
    }
}

name! {
    /// Our own name for a scene, unique within its project.
    SceneId
}
name! {
    /// Our own name for an asset, unique.
    AssetId
}
