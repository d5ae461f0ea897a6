//! What fal has published of eight endpoints in its OpenAPI documents of 2026, without the prose.

use serde_json::Value;

/// One schema of an endpoint's document.
#[derive(Default)]
pub(crate) struct Published {
    pub(crate) endpoint_id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) required: Vec<&'static str>,
    /// In fal's order.
    pub(crate) properties: Vec<(&'static str, Value)>,
}

/// Every schema; those that several endpoints share are there once.
pub(crate) fn published() -> Vec<Published> {
    let (mut found, mut endpoint_id): (Vec<Published>, _) = (Vec::new(), "");
    for line in TEXT.trim().lines() {
        let text = line.trim_start();
        let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
        match line.len() - text.len() {
            0 => endpoint_id = name,
            2 => {
                let required = rest.split_whitespace().skip(1).collect();
                found.push(Published { endpoint_id, name, required, ..Published::default() });
            }
            _ => {
                let facts = serde_json::from_str(rest).expect("is JSON");
                found.last_mut().expect("stands under a schema").properties.push((name, facts));
            }
        }
    }
    found
}

/// Endpoints, their schemas with what they require, and the properties of each.
const TEXT: &str = r##"
fal-ai/kling-video/v2.1/master/image-to-video
  KlingVideoV21MasterImageToVideoInput requires prompt image_url
    prompt {"maxLength":2500,"type":"string"}
    image_url {"type":"string"}
    duration {"default":"5","enum":["5","10"],"type":"string"}
    negative_prompt {"default":"blur, distort, and low quality","maxLength":2500,"type":"string"}
    cfg_scale {"default":0.5,"maximum":1,"minimum":0,"type":"number"}
  KlingVideoV21MasterImageToVideoOutput requires video
    video {"$ref":"#/components/schemas/File"}
  File requires url
    url {"type":"string"}
    content_type {"anyOf":[{"type":"string"},{"type":"null"}]}
    file_name {"anyOf":[{"type":"string"},{"type":"null"}]}
    file_size {"anyOf":[{"type":"integer"},{"type":"null"}]}
fal-ai/kling-video/v2.5-turbo/standard/image-to-video
  KlingVideoV25TurboStandardImageToVideoInput requires prompt image_url
    prompt {"maxLength":2500,"type":"string"}
    image_url {"type":"string","x-fal":{"max_aspect_ratio":2.5,"max_file_size":10485760,"min_aspect_ratio":0.4,"min_height":300,"min_width":300,"timeout":20}}
    duration {"default":"5","enum":["5","10"],"type":"string"}
    negative_prompt {"default":"blur, distort, and low quality","maxLength":2500,"type":"string"}
    cfg_scale {"default":0.5,"maximum":1,"minimum":0,"type":"number"}
  KlingVideoV25TurboStandardImageToVideoOutput requires video
    video {"$ref":"#/components/schemas/File"}
fal-ai/kling-video/v3/pro/image-to-video
  KlingVideoV3ProImageToVideoInput requires start_image_url
    prompt {"anyOf":[{"maxLength":2500,"type":"string"},{"type":"null"}]}
    multi_prompt {"anyOf":[{"items":{"$ref":"#/components/schemas/KlingV3MultiPromptElement"},"type":"array"},{"type":"null"}]}
    start_image_url {"type":"string","x-fal":{"max_aspect_ratio":2.5,"max_file_size":10485760,"min_aspect_ratio":0.4,"min_height":300,"min_width":300,"timeout":20}}
    duration {"default":"5","enum":["3","4","5","6","7","8","9","10","11","12","13","14","15"],"type":"string"}
    generate_audio {"default":true,"type":"boolean"}
    end_image_url {"anyOf":[{"type":"string","ui":{"field":"image"},"x-fal":{"max_aspect_ratio":2.5,"max_file_size":10485760,"min_aspect_ratio":0.4,"min_height":300,"min_width":300,"timeout":20}},{"type":"null"}]}
    elements {"anyOf":[{"items":{"$ref":"#/components/schemas/KlingV3ComboElementInput"},"type":"array"},{"type":"null"}]}
    shot_type {"default":"customize","enum":["customize","intelligent"],"type":"string"}
    negative_prompt {"default":"blur, distort, and low quality","maxLength":2500,"type":"string"}
    cfg_scale {"default":0.5,"maximum":1,"minimum":0,"type":"number"}
  KlingVideoV3ProImageToVideoOutput requires video
    video {"$ref":"#/components/schemas/File"}
  KlingV3ComboElementInput
    frontal_image_url {"anyOf":[{"type":"string","ui":{"field":"image"},"x-fal":{"max_aspect_ratio":2.5,"max_file_size":10485760,"min_aspect_ratio":0.4,"min_height":300,"min_width":300,"timeout":20}},{"type":"null"}]}
    reference_image_urls {"anyOf":[{"items":{"type":"string","ui":{"field":"image"},"x-fal":{"max_aspect_ratio":2.5,"max_file_size":10485760,"min_aspect_ratio":0.4,"min_height":300,"min_width":300,"timeout":20}},"type":"array"},{"type":"null"}]}
    video_url {"anyOf":[{"type":"string","ui":{"field":"video"},"x-fal":{"max_duration":10.05,"max_file_size":209715200,"max_fps":60,"max_height":2160,"max_width":2160,"min_duration":3,"min_fps":24,"min_height":720,"min_width":720,"timeout":30}},{"type":"null"}]}
    voice_id {"anyOf":[{"type":"string"},{"type":"null"}]}
  KlingV3MultiPromptElement requires prompt
    prompt {"type":"string"}
    duration {"default":"5","enum":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15"],"type":"string"}
fal-ai/minimax/hailuo-02/standard/image-to-video
  MinimaxHailuo02StandardImageToVideoInput requires prompt image_url
    prompt {"maxLength":2000,"type":"string"}
    image_url {"type":"string"}
    duration {"default":"6","enum":["6","10"],"type":"string"}
    prompt_optimizer {"default":true,"type":"boolean"}
    resolution {"default":"768P","enum":["512P","768P"],"type":"string"}
    end_image_url {"anyOf":[{"type":"string","ui":{"field":"image"}},{"type":"null"}]}
  MinimaxHailuo02StandardImageToVideoOutput requires video
    video {"$ref":"#/components/schemas/File"}
fal-ai/veo3.1/image-to-video
  Veo31ImageToVideoInput requires prompt image_url
    prompt {"maxLength":20000,"type":"string"}
    aspect_ratio {"default":"auto","enum":["auto","16:9","9:16"],"type":"string"}
    duration {"default":"8s","enum":["4s","6s","8s"],"type":"string"}
    negative_prompt {"anyOf":[{"type":"string"},{"type":"null"}]}
    resolution {"default":"720p","enum":["720p","1080p","4k"],"type":"string"}
    generate_audio {"default":true,"type":"boolean"}
    seed {"anyOf":[{"type":"integer"},{"type":"null"}]}
    auto_fix {"default":false,"type":"boolean"}
    safety_tolerance {"default":"4","enum":["1","2","3","4","5","6"],"type":"string"}
    image_url {"type":"string"}
  Veo31ImageToVideoOutput requires video
    video {"$ref":"#/components/schemas/File"}
bytedance/seedance-2.0/image-to-video
  Seedance20ImageToVideoInput requires prompt image_url
    prompt {"type":"string"}
    image_url {"type":"string"}
    end_image_url {"anyOf":[{"type":"string"},{"type":"null"}]}
    resolution {"default":"720p","enum":["480p","720p","1080p"],"type":"string"}
    duration {"default":"auto","enum":["auto","4","5","6","7","8","9","10","11","12","13","14","15"],"type":"string"}
    aspect_ratio {"default":"auto","enum":["auto","21:9","16:9","4:3","1:1","3:4","9:16"],"type":"string"}
    generate_audio {"default":true,"type":"boolean"}
    seed {"anyOf":[{"type":"integer"},{"type":"null"}]}
    end_user_id {"anyOf":[{"type":"string"},{"type":"null"}]}
  Seedance20ImageToVideoOutput requires video seed
    video {"$ref":"#/components/schemas/File"}
    seed {"type":"integer"}
fal-ai/sora-2/image-to-video
  Sora2ImageToVideoInput requires prompt image_url
    prompt {"maxLength":5000,"minLength":1,"type":"string"}
    resolution {"default":"auto","enum":["auto","720p"],"type":"string"}
    aspect_ratio {"default":"auto","enum":["auto","9:16","16:9"],"type":"string"}
    duration {"default":4,"enum":[4,8,12,16,20],"type":"integer"}
    delete_video {"default":true,"type":"boolean"}
    model {"default":"sora-2","enum":["sora-2","sora-2-2025-12-08","sora-2-2025-10-06"],"type":"string"}
    detect_and_block_ip {"default":false,"type":"boolean"}
    character_ids {"anyOf":[{"items":{"type":"string"},"maxItems":2,"type":"array"},{"type":"null"}]}
    image_url {"type":"string"}
  Sora2ImageToVideoOutput requires video video_id
    video {"$ref":"#/components/schemas/VideoFile"}
    video_id {"type":"string"}
    thumbnail {"anyOf":[{"$ref":"#/components/schemas/ImageFile"},{"type":"null"}]}
    spritesheet {"anyOf":[{"$ref":"#/components/schemas/ImageFile"},{"type":"null"}]}
  ImageFile requires url
    url {"type":"string"}
    content_type {"anyOf":[{"type":"string"},{"type":"null"}]}
    file_name {"anyOf":[{"type":"string"},{"type":"null"}]}
    file_size {"anyOf":[{"type":"integer"},{"type":"null"}]}
    width {"anyOf":[{"type":"integer"},{"type":"null"}]}
    height {"anyOf":[{"type":"integer"},{"type":"null"}]}
  VideoFile requires url
    url {"type":"string"}
    content_type {"anyOf":[{"type":"string"},{"type":"null"}]}
    file_name {"anyOf":[{"type":"string"},{"type":"null"}]}
    file_size {"anyOf":[{"type":"integer"},{"type":"null"}]}
    width {"anyOf":[{"type":"integer"},{"type":"null"}]}
    height {"anyOf":[{"type":"integer"},{"type":"null"}]}
    fps {"anyOf":[{"type":"number"},{"type":"null"}]}
    duration {"anyOf":[{"type":"number"},{"type":"null"}]}
    num_frames {"anyOf":[{"type":"integer"},{"type":"null"}]}
fal-ai/wan-25-preview/image-to-video
  Wan25PreviewImageToVideoInput requires prompt image_url
    prompt {"minLength":1,"type":"string"}
    image_url {"max_file_size":26214400,"max_height":8000,"max_width":8000,"min_height":240,"min_width":240,"type":"string"}
    audio_url {"anyOf":[{"type":"string","ui":{"field":"audio"}},{"type":"null"}]}
    resolution {"default":"1080p","enum":["480p","720p","1080p"],"type":"string"}
    duration {"default":"5","enum":["5","10"],"type":"string"}
    negative_prompt {"anyOf":[{"type":"string"},{"type":"null"}]}
    enable_prompt_expansion {"default":true,"type":"boolean"}
    seed {"anyOf":[{"type":"integer"},{"type":"null"}]}
    enable_safety_checker {"default":true,"type":"boolean"}
  Wan25PreviewImageToVideoOutput requires video seed
    video {"$ref":"#/components/schemas/VideoFile"}
    seed {"type":"integer"}
    actual_prompt {"anyOf":[{"type":"string"},{"type":"null"}]}
"##;
