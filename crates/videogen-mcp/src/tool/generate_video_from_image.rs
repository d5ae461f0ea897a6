//! `generate_video_from_image`: a still image in; a video out, or the handle of its task.

use std::time::Duration;

use rmcp::model::{CallToolResult, Tool, ToolAnnotations};
use serde_json::json;
use videogen::domain::{PlatformPreset, ProjectId, SceneId, Violation, ViolationCode};
use videogen::{Fit, GenerationRequest, ImageInput, JsonFields, TaskId, TaskStatus, Videogen, Violations};

use crate::handler::Caller;
use crate::reply;
use crate::schema;
use crate::server::Host;
use crate::view::task::{self, TaskView};
use videogen::ErrorView;

pub(crate) const NAME: &str = "generate_video_from_image";

const DESCRIPTION: &str = "\
Make a video from one still image and a description of the motion. Costs money (see estimate_cost); all arguments are \
checked before anything is sent. Waits up to 45 seconds; a video that takes longer is answered with the status queued \
or in_progress and a task_id for get_queue_status. What has been made before is returned at no cost; a call that \
differs in anything, or says fresh, makes and bills a new video.";

/// Parameters of some models that have an argument of their own.
const SHORTHANDS: [&str; 2] = ["cfg_scale", "prompt_optimizer"];

pub(crate) fn tool() -> Tool {
    let properties = json!({
        "image_url": {
            "type": "string",
            "description": "The image: the path of a PNG, JPEG or WebP file in an allowed folder, an http(s) address that fal can reach, or a data: URI.",
        },
        "motion_prompt": {
            "type": "string",
            "description": "How the picture shall move, for example: slow zoom in on the lighthouse.",
        },
        "duration": {
            "type": "integer",
            "description": "Length of the video in seconds, one of the model's (see list_models). Default: the model's own.",
        },
        "aspect_ratio": {
            "type": "string",
            "description": "Width to height: 16:9, 9:16, 1:1 or 4:5. Default: the picture's own.",
        },
        "model": {
            "type": "string",
            "description": format!("A model's name or endpoint id (see list_models). Default: the configured one, {} unless set otherwise.", GenerationRequest::DEFAULT_MODEL),
        },
        "end_image_url": {
            "type": "string",
            "description": "The image that the video ends with, given like image_url, where the model takes one.",
        },
        "resolution": {
            "type": "string",
            "description": "The size by the model's own names, for example 1080p. Default: the model's own.",
        },
        "fallback_models": {
            "type": "array",
            "items": { "type": "string" },
            "description": "Models to ask, in order, when the one before provably made no video and cost nothing.",
        },
        "audio": { "type": "boolean", "description": "Whether the video has sound. Default: the model's own." },
        "negative_prompt": { "type": "string", "description": "What shall not be seen, where the model takes it." },
        "cfg_scale": { "type": "number", "description": "How closely to follow the prompt, 0 to 1, where the model takes it." },
        "prompt_optimizer": { "type": "boolean", "description": "Whether the model may rewrite the prompt, where it can." },
        "parameters": { "type": "object", "description": "Further parameters of the model, by fal's names." },
        "max_cost_usd": {
            "type": "number",
            "description": "The most that this video may cost, in USD. Above it, or when the price is unknown, nothing is sent.",
        },
        "platform": {
            "type": "string",
            "enum": PlatformPreset::ALL.map(PlatformPreset::name),
            "description": "Where it is to be shown: chooses aspect ratio and length where they are not given.",
        },
        "project_id": { "type": "string", "description": "The project that the video is for, which must exist." },
        "scene_id": { "type": "string", "description": "The scene of the project that shall show the video." },
        "idempotency_key": { "type": "string", "description": "Your own unique name for this request: sent again under it, it is the same task, and nothing is made twice." },
        "priority": { "type": "integer", "description": "How soon it is begun where tasks wait: the higher, the sooner. Default: 0." },
        "fresh": { "type": "boolean", "description": "Whether to make and pay for a new video even where the same was made before. Default: false." },
        "return_queue_id": { "type": "boolean", "description": "Answer at once with the task_id. Default: false." },
    });
    let annotations = ToolAnnotations::new().read_only(false).destructive(false).idempotent(false).open_world(true);
    Tool::new(NAME, DESCRIPTION, schema::object(properties, &["image_url", "motion_prompt"]))
        .with_title("Generate a video from an image")
        .with_raw_output_schema(task::output_schema())
        .with_annotations(annotations)
}

pub(crate) async fn call(host: &Host, caller: &Caller, mut fields: JsonFields) -> CallToolResult {
    let (request, shorthands) = read(&host.videogen, &mut fields);
    let patience = if fields.flag("return_queue_id") == Some(true) { Duration::ZERO } else { host.patience };
    let checked = host.videogen.plan_within(&request, &host.folders).await;
    let checked = checked.map_err(|violations| in_words_of_this_tool(&violations, &shorthands, host));
    let plan = match fields.finish(checked) {
        Ok(plan) => plan,
        Err(violations) => {
            let view = TaskView::refused(ErrorView::from(&violations));
            return reply::failed(reply::mistakes(&violations), &view);
        }
    };
    match host.videogen.queue().submit_plan(plan).await {
        Ok(id) => follow(host, caller, &id, patience).await,
        Err(error) => not_kept(&error),
    }
}

/// Reads what is asked for, and which shorthands are used.
fn read(videogen: &Videogen, fields: &mut JsonFields) -> (GenerationRequest, Vec<&'static str>) {
    let image = picture(fields, "image_url").unwrap_or_else(no_image);
    let mut request = videogen.request(image, fields.text("motion_prompt").unwrap_or_default());
    request.duration_seconds = fields.whole_number("duration");
    request.aspect_ratio = fields.text("aspect_ratio");
    request.fit = Fit::Crop;
    request.model = fields.text("model").unwrap_or(request.model);
    request.negative_prompt = fields.text("negative_prompt");
    request.max_cost = fields.usd("max_cost_usd");
    request.idempotency_key = fields.text("idempotency_key");
    request.priority = fields.integer("priority").unwrap_or(0);
    request.fresh = fields.flag("fresh").unwrap_or(false);
    request.end_image = picture(fields, "end_image_url");
    request.resolution = fields.text("resolution");
    request.audio = fields.flag("audio");
    request.fallback_models = fields.texts("fallback_models").unwrap_or_default();
    request.platform = fields.platform("platform");
    request.project_id = fields.text("project_id").map(ProjectId::from);
    request.scene_id = fields.text("scene_id").map(SceneId::from);
    request.parameters = fields.object("parameters").unwrap_or_default().into_iter().collect();
    let mut used = Vec::new();
    for name in SHORTHANDS {
        let Some(value) = fields.value(name) else { continue };
        used.push(name);
        if request.parameters.insert(name.to_owned(), value).is_some() {
            let message = format!("{name} is given here and in parameters");
            fields.reject(Violation::new(name, ViolationCode::Conflict, message));
        }
    }
    (request, used)
}

/// Stands for a picture that is not there: it is refused when the request is checked.
fn no_image() -> ImageInput {
    ImageInput::Path("".into())
}

/// A web address or a path; what looks like another kind of address is not mistaken for a path.
fn picture(fields: &mut JsonFields, name: &'static str) -> Option<ImageInput> {
    let text = fields.text(name)?;
    match ImageInput::parse(&text) {
        ImageInput::Path(_) if text.contains("://") => {
            let message = "the image must be a path, an address that begins with http:// or https://, or a data: URI";
            fields.reject(Violation::new(name, ViolationCode::NotAllowed, message));
            Some(no_image())
        }
        image => Some(image),
    }
}

/// Mistakes under the names that the arguments have here.
fn in_words_of_this_tool(violations: &Violations, shorthands: &[&str], host: &Host) -> Violations {
    let renamed = violations.iter().cloned().map(|mut violation| {
        if ["image", "end_image"].contains(&violation.field.as_str()) && violation.code == ViolationCode::NotAllowed {
            violation.allowed = host.folders.iter().map(|folder| folder.display().to_string()).collect();
        }
        let shorthand = shorthands.iter().find(|&&name| violation.field.strip_prefix("parameters.") == Some(name));
        violation.field = match (violation.field.as_str(), shorthand) {
            (_, Some(&name)) => name.to_owned(),
            ("image", None) => "image_url".to_owned(),
            ("end_image", None) => "end_image_url".to_owned(),
            ("max_cost", None) => "max_cost_usd".to_owned(),
            (field, None) => field.to_owned(),
        };
        violation
    });
    Violations::check(renamed.collect()).err().unwrap_or_else(|| violations.clone())
}

/// Waits for a video as long as somebody waits for the answer; the task goes on in any case.
async fn follow(host: &Host, caller: &Caller, id: &TaskId, patience: Duration) -> CallToolResult {
    let queue = host.videogen.queue();
    tokio::select! {
        _ = queue.wait(id, Some(patience)) => {}
        () = caller.waits_no_more() => {}
    }
    let task = match queue.get(id).await {
        Ok(task) => task,
        Err(error) => return not_kept(&error),
    };
    let view = TaskView::of(&task, host.videogen.provider());
    match (&task.failure, &view.error) {
        (Some(_), Some(error)) if task.status != TaskStatus::Completed => {
            let next_step = view.next_step.as_deref().unwrap_or_default();
            reply::failed(format!("{}. {} {next_step}", error.message, error.advice).trim().to_owned(), &view)
        }
        _ => reply::done(&view),
    }
}

fn not_kept(error: &videogen::queue::Error) -> CallToolResult {
    let error = match error {
        videogen::queue::Error::Refused(failure) => ErrorView::from(failure),
        error @ videogen::queue::Error::Stopped => {
            ErrorView::new("stopped", error.to_string(), "Tell the user; the server is ending.")
        }
        error => ErrorView::new("record", error.to_string(), "Tell the user; this is a fault of the server."),
    };
    reply::failed(format!("{}. {}", error.message, error.advice), &TaskView::refused(error))
}
