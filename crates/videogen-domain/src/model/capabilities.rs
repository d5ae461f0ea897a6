//! What a model can do.

use serde::{Deserialize, Serialize};

/// What a model can do, for choosing one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Takes a picture for the last frame.
    pub end_image: bool,
    /// Makes no video without a picture for the last frame.
    pub needs_end_image: bool,
    /// Takes pictures that show who and what is to be seen.
    pub reference_images: bool,
    /// Whether its videos have sound.
    pub sound: Sound,
    /// The sizes that it can be asked for, by its own names. Empty: it has one.
    pub resolutions: Vec<String>,
    /// The aspect ratios that it can be asked for. Empty: the video follows the picture.
    pub aspect_ratios: Vec<String>,
    /// Can be told what shall not be seen.
    pub negative_prompt: bool,
    /// Has a parameter for the camera.
    pub camera: bool,
    /// Takes a seed.
    pub seed: bool,
}

/// Whether a model's videos have sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sound {
    /// They have none.
    #[default]
    Never,
    /// They have it, and nothing switches it off.
    Always,
    /// A parameter switches it.
    Switch {
        /// Whether they have it when nothing is said.
        on_by_default: bool,
    },
}

/// The parameter that takes the start image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageParameter {
    /// fal's name for it.
    pub name: String,
    /// Whether it takes a list of addresses; it is sent a list of one then.
    pub is_list: bool,
}

impl Default for ImageParameter {
    fn default() -> Self {
        Self { name: "image_url".to_owned(), is_list: false }
    }
}
