//! Where a film is to be shown, and what form that asks for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::AspectRatio;

/// Where a film is to be shown: chooses the aspect ratio and the length of its videos, and says how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlatformPreset {
    /// YouTube, 16:9.
    Youtube,
    /// YouTube Shorts, 9:16.
    YoutubeShorts,
    /// TikTok, 9:16.
    Tiktok,
    /// Instagram Reels, 9:16.
    InstagramReels,
    /// A post in Instagram's feed, 4:5.
    InstagramFeed,
    /// A square that no platform in particular asks for, 1:1.
    Square,
}

impl PlatformPreset {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Youtube, Self::YoutubeShorts, Self::Tiktok, Self::InstagramReels, Self::InstagramFeed, Self::Square];

    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Youtube => "youtube",
            Self::YoutubeShorts => "youtube_shorts",
            Self::Tiktok => "tiktok",
            Self::InstagramReels => "instagram_reels",
            Self::InstagramFeed => "instagram_feed",
            Self::Square => "square",
        }
    }

    /// The aspect ratio that fills the platform's screen.
    pub fn aspect_ratio(self) -> AspectRatio {
        match self {
            Self::Youtube => AspectRatio::of(16, 9),
            Self::YoutubeShorts | Self::Tiktok | Self::InstagramReels => AspectRatio::of(9, 16),
            Self::InstagramFeed => AspectRatio::of(4, 5),
            Self::Square => AspectRatio::of(1, 1),
        }
    }

    /// The length of one video, in seconds, that is aimed at where nobody names one; `None`: the model's own.
    ///
    /// No platform asks for a length; these are our choice: single shots that fit the pace of feeds that are swiped through, and
    /// longer ones where films are watched. A model makes the longest of its lengths that is not above it.
    pub fn clip_seconds(self) -> Option<u32> {
        match self {
            Self::Youtube => Some(10),
            Self::YoutubeShorts | Self::Tiktok | Self::InstagramReels => Some(8),
            Self::InstagramFeed => Some(6),
            Self::Square => None,
        }
    }

    /// The longest film, in seconds, that every account may publish there; `None`: no limit known.
    ///
    /// This is advice: platforms change their limits and give some accounts more, so nothing is refused for it. The
    /// figures were gathered in November 2026, from copies and quotations of the pages named:
    /// - YouTube: 15 minutes for accounts that are not verified (YouTube Help, "Upload videos longer than 15 minutes").
    /// - YouTube Shorts: 3 minutes, since 15 October 2024 (YouTube Help, "Understand three-minute YouTube Shorts").
    /// - TikTok: 3 minutes for all, more for some (TikTok for Developers, Content Posting API, "Media Transfer Guide").
    /// - Instagram, whose feed takes videos as reels: 15 minutes (Meta, Instagram Platform, reference of "IG User Media").
    pub fn longest_seconds(self) -> Option<u32> {
        match self {
            Self::Youtube | Self::InstagramReels | Self::InstagramFeed => Some(15 * 60),
            Self::YoutubeShorts | Self::Tiktok => Some(3 * 60),
            Self::Square => None,
        }
    }
}

impl fmt::Display for PlatformPreset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no preset of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no platform preset \"{0}\"; there are {names}", names = PlatformPreset::ALL.map(PlatformPreset::name).join(", "))]
pub struct UnknownPreset(String);

impl FromStr for PlatformPreset {
    type Err = UnknownPreset;

    /// Reads a [`name`](Self::name); capitals, spaces and hyphens do no harm: `YouTube Shorts`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.trim().to_lowercase().replace([' ', '-'], "_");
        let named = Self::ALL.into_iter().find(|preset| preset.name() == plain);
        named.ok_or_else(|| UnknownPreset(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_read_and_stored_by_its_name() {
        for preset in PlatformPreset::ALL {
            assert_eq!(preset.name().parse(), Ok(preset));
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
        }
        assert_eq!("YouTube Shorts".parse(), Ok(PlatformPreset::YoutubeShorts));
        assert_eq!(" instagram-reels ".parse(), Ok(PlatformPreset::InstagramReels));
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_that_there_are() {
        let words = "there is no platform preset \"cinema\"; there are youtube, youtube_shorts, tiktok, instagram_reels, \
                     instagram_feed, square";
        assert_eq!("cinema".parse::<PlatformPreset>().unwrap_err().to_string(), words);
    }

    #[test]
    fn every_aspect_ratio_is_one_that_every_request_may_ask_for() {
        for preset in PlatformPreset::ALL {
            assert!(AspectRatio::COMMON.contains(&preset.aspect_ratio()), "{preset}");
        }
    }
}
