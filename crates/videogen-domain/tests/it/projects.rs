//! A film within a budget, as a service makes it: decide, reserve, attach, settle, store.

use serde_json::json;
use videogen_domain::{
    Asset, Attachment, Budget, CostEstimate, Decision, Deviation, GenerationRequest, ImageFacts, ImageInput, Ledger,
    Ledgers, Limit, ModelRegistry, PlatformPreset, Project, ProjectTotals, Recovery, Scene, UnixMillis, Usd,
    ValidationRules, VideoFacts, validate,
};

const CREATED: UnixMillis = UnixMillis(1_764_000_000_000);

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// What a service would keep in its database.
#[derive(Default)]
struct Store {
    assets: Vec<Asset>,
    ledgers: Ledgers,
}

impl Store {
    fn ledgers(&mut self) -> impl Iterator<Item = &mut Ledger> {
        [self.ledgers.project.as_mut(), Some(&mut self.ledgers.day), Some(&mut self.ledgers.overall)]
            .into_iter()
            .flatten()
    }

    fn reserve(&mut self, amount: Usd) {
        self.ledgers().for_each(|ledger| ledger.reserve(amount));
    }

    fn settle(&mut self, reservation: Usd, billed: Option<Usd>) {
        self.ledgers().for_each(|ledger| ledger.settle(reservation, billed));
    }
}

/// What the catalogue expects a video of the film to cost.
fn estimate(project: &Project, scene: &Scene) -> CostEstimate {
    let request = GenerationRequest::new(ImageInput::Path("lighthouse.png".into()), scene.description())
        .with_aspect_ratio(project.aspect_ratio().unwrap().to_string(), videogen_domain::Fit::Crop);
    let facts = ImageFacts { format: "png".into(), width: 1920, height: 1080, bytes: 1000 };
    validate(&request, &ModelRegistry::builtin(), &ValidationRules::default(), Ok(Some(facts))).unwrap().estimate
}

fn finished(project: &Project, scene: &Scene, id: &str, billed: Option<Usd>) -> Asset {
    Asset {
        id: id.into(),
        project_id: project.id().clone(),
        scene_id: Some(scene.id().clone()),
        name: format!("{id}.mp4"),
        model_id: "kling_2.1".to_owned(),
        request_id: format!("request-{id}"),
        facts: VideoFacts { duration_ms: Some(5_042), ..VideoFacts::default() },
        bytes: 1_500_000,
        estimate: Some(usd("0.28")),
        billed,
        created_at: CREATED,
        deleted_at: None,
    }
}

fn film() -> Project {
    let mut film = Project::new("film".into(), "The lighthouse", CREATED).unwrap().with_preset(PlatformPreset::Tiktok);
    film.add_scene(Scene::new("day".into(), "slow zoom in on the lighthouse").unwrap(), None).unwrap();
    film.add_scene(Scene::new("night".into(), "the lamp begins to turn").unwrap(), None).unwrap();
    film
}

#[test]
fn a_film_is_made_until_its_budget_is_used_up() {
    let (mut film, mut store) = (film(), Store::default());
    store.ledgers.project = Some(Ledger::default());
    let budget = Budget { per_request: Some(usd("0.50")), per_project: Some(usd("0.83")), ..Budget::default() };

    let mut takes = Vec::new();
    for (number, scene) in film.scenes().iter().chain(&film.scenes()[..1]).enumerate() {
        match budget.decide(&store.ledgers, estimate(&film, scene)) {
            Decision::Allowed { reserve } => {
                store.reserve(reserve);
                takes.push((number, scene.clone(), reserve));
            }
            Decision::Refused(refusal) => {
                assert_eq!((number, refusal.limit, refusal.left), (2, Limit::Project, usd("0.27")));
                assert_eq!(refusal.recovery(), Recovery::Never);
                let words = "the video needs $0.28, and $0.27 is left of the project's limit of $0.83";
                assert_eq!(refusal.to_string(), words);
            }
        }
    }
    assert_eq!(takes.len(), 2);

    for ((number, scene, reserve), billed) in takes.into_iter().zip([Some(usd("0.27")), None]) {
        let asset = finished(&film, &scene, &number.to_string(), billed);
        assert_eq!(film.attach(&asset), Ok(Attachment::Shown { replaced: None }));
        store.settle(reserve, billed);
        store.assets.push(asset);
    }
    assert_eq!(store.ledgers.project, Some(Ledger::new(usd("0.55"), Usd::ZERO)));
    assert_eq!(store.ledgers.project, Some(store.ledgers.overall));
    // The first bill was a cent lower than expected, and that cent is enough for one more take.
    let decision = budget.decide(&store.ledgers, estimate(&film, &film.scenes()[0]));
    assert_eq!(decision, Decision::Allowed { reserve: usd("0.28") });

    let totals = serde_json::to_value(ProjectTotals::of(&film, &store.assets)).unwrap();
    assert_eq!(
        totals,
        json!({
            "scenes": 2, "finished_scenes": 2, "duration_ms": 10_084, "videos": 2, "bytes": 3_000_000,
            "known_cost_usd": "0.27", "unknown_costs": 1,
        })
    );
}

#[test]
fn a_bill_that_is_higher_than_expected_is_told_and_counted() {
    let (film, mut store) = (film(), Store::default());
    let estimate = estimate(&film, &film.scenes()[0]);
    let Decision::Allowed { reserve } = Budget::default().decide(&store.ledgers, estimate) else {
        panic!("there is no limit that could refuse it");
    };
    store.reserve(reserve);
    store.settle(reserve, Some(usd("0.35")));
    assert_eq!(store.ledgers.day, Ledger::new(usd("0.35"), Usd::ZERO));
    let deviation = Deviation::beyond("0.1".parse().unwrap(), estimate, usd("0.35")).unwrap();
    assert_eq!(deviation.excess(), usd("0.07"));
}

#[test]
fn project_and_asset_are_stored_as_json_that_others_can_read() {
    let mut film = film();
    let asset = finished(&film, &film.scenes()[1], "v1", None);
    film.attach(&asset).unwrap();
    let stored = serde_json::to_value(&film).unwrap();
    assert_eq!(
        stored,
        json!({
            "id": "film",
            "title": "The lighthouse",
            "aspect_ratio": null,
            "preset": "tiktok",
            "created_at": 1_764_000_000_000_i64,
            "scenes": [
                {"id": "day", "description": "slow zoom in on the lighthouse", "takes": []},
                {"id": "night", "description": "the lamp begins to turn", "takes": ["v1"]},
            ],
        })
    );
    assert_eq!(serde_json::from_value::<Project>(stored).unwrap(), film);

    let stored = serde_json::to_value(&asset).unwrap();
    assert_eq!((&stored["estimate_usd"], &stored["billed_usd"]), (&json!("0.28"), &json!(null)));
    assert_eq!(serde_json::from_value::<Asset>(stored).unwrap(), asset);
}
