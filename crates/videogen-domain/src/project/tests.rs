//! Scenes in order, and videos attached to them.

use proptest::prelude::*;

use super::*;
use crate::VideoFacts;

fn project(scenes: &[&str]) -> Project {
    let mut project = Project::new("film".into(), "The lighthouse", UnixMillis(1_764_000_000_000)).unwrap();
    for id in scenes {
        project.add_scene(scene(id), None).unwrap();
    }
    project
}

fn scene(id: &str) -> Scene {
    Scene::new(id.into(), "slow zoom in on the lighthouse").unwrap()
}

fn asset(id: &str, scene: Option<&str>) -> Asset {
    Asset {
        id: id.into(),
        project_id: "film".into(),
        scene_id: scene.map(SceneId::from),
        name: format!("{id}.mp4"),
        model_id: "kling_2.1".to_owned(),
        request_id: format!("request-{id}"),
        facts: lasting(5_042),
        bytes: 1_000,
        estimate: Some("0.28".parse().unwrap()),
        billed: Some("0.28".parse().unwrap()),
        created_at: UnixMillis(1_764_000_060_000),
        deleted_at: None,
    }
}

fn lasting(duration_ms: u64) -> VideoFacts {
    VideoFacts { duration_ms: Some(duration_ms), ..VideoFacts::default() }
}

fn order(project: &Project) -> Vec<&str> {
    project.scenes().iter().map(|scene| scene.id().as_str()).collect()
}

fn shown<'a>(project: &'a Project, scene: &str) -> Option<&'a str> {
    project.scene(&scene.into()).unwrap().shown().map(AssetId::as_str)
}

#[test]
fn scenes_stand_where_they_are_put() {
    let mut project = project(&["b", "d"]);
    project.add_scene(scene("a"), Some(1)).unwrap();
    project.add_scene(scene("c"), Some(3)).unwrap();
    project.add_scene(scene("e"), Some(5)).unwrap();
    assert_eq!(order(&project), ["a", "b", "c", "d", "e"]);

    project.move_scene(&"a".into(), 5).unwrap();
    project.move_scene(&"e".into(), 1).unwrap();
    project.move_scene(&"c".into(), 3).unwrap();
    assert_eq!(order(&project), ["e", "b", "c", "d", "a"]);

    assert_eq!(project.remove_scene(&"b".into()).unwrap().id().as_str(), "b");
    assert_eq!(order(&project), ["e", "c", "d", "a"]);
}

#[test]
fn what_cannot_be_done_changes_nothing_and_says_what_can() {
    let mut project = project(&["a", "b"]);
    let before = project.clone();
    let refused = [
        project.add_scene(scene("b"), None),
        project.add_scene(scene("c"), Some(0)),
        project.add_scene(scene("c"), Some(4)),
        project.move_scene(&"a".into(), 3),
        project.move_scene(&"x".into(), 1),
        project.remove_scene(&"x".into()).map(drop),
        project.show(&"a".into(), &"v".into()),
        project.attach(&Asset { project_id: "other".into(), ..asset("v", Some("a")) }).map(drop),
        Scene::new("c".into(), " \n").map(drop),
        Project::new("p".into(), "", UnixMillis(0)).map(drop),
    ];
    let words = refused.map(|result| result.unwrap_err().to_string());
    assert_eq!(
        words,
        [
            "the project has a scene b already; give the new one another id",
            "a scene cannot come at position 0; choose one from 1 to 3",
            "a scene cannot come at position 4; choose one from 1 to 3",
            "a scene cannot come at position 3; choose one from 1 to 2",
            "the project has no scene x; take an id from the list of its scenes",
            "the project has no scene x; take an id from the list of its scenes",
            "the scene a has no video v; take an id from the list of its takes",
            "the video v belongs to project other; attach it there",
            "the description is empty; write a few words",
            "the title is empty; write a few words",
        ]
    );
    assert_eq!(project, before);
}

#[test]
fn a_repeated_attachment_changes_nothing_even_after_a_newer_one() {
    let mut project = project(&["a"]);
    let (first, second) = (asset("first", Some("a")), asset("second", Some("a")));
    assert_eq!(project.attach(&first), Ok(Attachment::Shown { replaced: None }));
    assert_eq!(project.attach(&first), Ok(Attachment::Unchanged));
    assert_eq!(project.attach(&second), Ok(Attachment::Shown { replaced: Some("first".into()) }));
    assert_eq!(project.attach(&first), Ok(Attachment::Unchanged));
    assert_eq!(shown(&project, "a"), Some("second"));
}

#[test]
fn an_earlier_take_can_be_shown_again() {
    let mut project = project(&["a"]);
    for id in ["first", "second", "third"] {
        project.attach(&asset(id, Some("a"))).unwrap();
    }
    project.show(&"a".into(), &"first".into()).unwrap();
    assert_eq!(shown(&project, "a"), Some("first"));
    assert_eq!(project.scenes()[0].takes().len(), 3);
}

#[test]
fn a_video_without_a_scene_is_kept() {
    let mut project = project(&["a"]);
    assert_eq!(project.attach(&asset("loose", None)), Ok(Attachment::NoScene));
    project.remove_scene(&"a".into()).unwrap();
    assert_eq!(project.attach(&asset("late", Some("a"))), Ok(Attachment::NoScene));
}

#[test]
fn what_was_paid_stays_in_the_totals() {
    let mut project = project(&["a", "b"]);
    let assets = [
        asset("replaced", Some("a")),
        Asset {
            facts: lasting(10_042),
            bytes: 2_000,
            billed: Some("0.56".parse().unwrap()),
            ..asset("shown", Some("a"))
        },
        Asset { billed: None, ..asset("loose", None) },
    ];
    for asset in &assets {
        project.attach(asset).unwrap();
    }
    let stranger = Asset { project_id: "other".into(), ..asset("stranger", None) };
    let listed = || assets.iter().chain([&assets[0], &stranger]);

    let mut expected = ProjectTotals {
        scenes: 2,
        finished_scenes: 1,
        duration_ms: 10_042,
        videos: 3,
        bytes: 4_000,
        known_cost: "0.84".parse().unwrap(),
        unknown_costs: 1,
    };
    assert_eq!(ProjectTotals::of(&project, listed()), expected);

    project.remove_scene(&"a".into()).unwrap();
    expected = ProjectTotals { scenes: 1, finished_scenes: 0, duration_ms: 0, ..expected };
    assert_eq!(ProjectTotals::of(&project, listed()), expected);
}

#[test]
fn the_aspect_ratio_is_the_one_set_or_else_the_preset_s() {
    assert_eq!(project(&[]).aspect_ratio(), None);
    let shorts = project(&[]).with_preset(PlatformPreset::YoutubeShorts);
    assert_eq!(shorts.aspect_ratio().unwrap().to_string(), "9:16");
    let wide = shorts.with_aspect_ratio("16:9".parse().unwrap());
    assert_eq!(wide.aspect_ratio().unwrap().to_string(), "16:9");
}

#[test]
fn debug_shows_no_description() {
    let shown = format!("{:?}", project(&["a"]));
    assert!(shown.contains("SceneId(\"a\")") && !shown.contains("slow zoom"), "{shown}");
}

#[test]
fn two_scenes_of_one_id_are_not_read() {
    let text = serde_json::to_string(&project(&["a", "b"])).unwrap();
    let error = serde_json::from_str::<Project>(&text.replace("\"b\"", "\"a\"")).unwrap_err();
    assert!(error.to_string().starts_with("there are two scenes a"), "{error}");
}

/// Something that is asked of a project, sensible or not.
#[derive(Debug, Clone)]
enum Command {
    Add(u8, Option<usize>),
    Move(u8, usize),
    Remove(u8),
    Attach(u8, Option<u8>),
    Show(u8, u8),
}

fn command() -> impl Strategy<Value = Command> {
    let (scene, video, position) = (0..8_u8, 0..12_u8, 0..10_usize);
    prop_oneof![
        (scene.clone(), prop::option::of(position.clone())).prop_map(|(id, at)| Command::Add(id, at)),
        (scene.clone(), position).prop_map(|(id, at)| Command::Move(id, at)),
        scene.clone().prop_map(Command::Remove),
        (video.clone(), prop::option::of(scene.clone())).prop_map(|(id, scene)| Command::Attach(id, scene)),
        (scene, video).prop_map(|(scene, id)| Command::Show(scene, id)),
    ]
}

proptest! {
    /// Whatever is asked, refused or not: ids stay distinct, the stored project is the same, and no video's cost is lost.
    #[test]
    fn no_history_loses_a_scene_s_identity_or_a_cost(commands in prop::collection::vec(command(), 0..60)) {
        let mut project = project(&[]);
        let mut assets: Vec<Asset> = Vec::new();
        for command in commands {
            let name = |number: u8| number.to_string();
            let _refused_or_not = match command {
                Command::Add(id, at) => project.add_scene(scene(&name(id)), at),
                Command::Move(id, at) => project.move_scene(&name(id).into(), at),
                Command::Remove(id) => project.remove_scene(&name(id).into()).map(drop),
                Command::Show(scene, id) => project.show(&name(scene).into(), &name(id).into()),
                Command::Attach(id, scene) => {
                    if assets.iter().all(|asset| asset.id != name(id).into()) {
                        assets.push(asset(&name(id), scene.map(name).as_deref()));
                    }
                    let video = assets.iter().find(|asset| asset.id == name(id).into()).unwrap();
                    let attached = project.attach(video);
                    let again = project.clone().attach(video).unwrap();
                    prop_assert!(matches!(again, Attachment::Unchanged | Attachment::NoScene), "{:?}", again);
                    attached.map(drop)
                }
            };
        }
        let distinct: std::collections::BTreeSet<&str> = order(&project).into_iter().collect();
        prop_assert_eq!(distinct.len(), project.scenes().len());
        let stored = serde_json::to_string(&project).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Project>(&stored).unwrap(), &project);

        let paid = assets.iter().fold(crate::Usd::ZERO, |sum, asset| sum + asset.billed.unwrap());
        let totals = ProjectTotals::of(&project, &assets);
        prop_assert_eq!((totals.known_cost, totals.videos), (paid, assets.len()));
    }
}
