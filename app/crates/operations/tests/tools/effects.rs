//! Does each tool run, answer as its schema says, and say beforehand what it will do, without doing it?

use operations::tools::{Compiled, Effect, TOOLS, check, find, output_schema};

use super::{World, is_own};

#[tokio::test]
async fn every_own_tool_stands_among_the_samples() {
    let world = World::new().await;
    let mut sampled: Vec<&str> = world.samples().await.into_iter().map(|(name, ..)| name).collect();
    let mut declared: Vec<&str> =
        TOOLS.iter().copied().flatten().map(|tool| tool.name).filter(|name| is_own(name)).collect();
    sampled.sort_unstable();
    declared.sort_unstable();
    assert_eq!(sampled, declared);
}

#[tokio::test]
async fn a_preview_says_what_a_write_will_do_and_does_nothing() {
    let world = World::new().await;
    let samples = world.samples().await;
    let before = world.test.contents().await;
    for (name, arguments, part) in samples {
        let tool = find(name).unwrap();
        check(tool, &arguments).unwrap();
        let shown = (tool.preview)(world.context(), arguments).await.unwrap();
        assert_eq!(part.is_empty(), tool.effect == Effect::Read, "{name} has a preview of its own if it writes");
        assert!(shown.contains(part) && shown.chars().count() <= 8000, "{name}: {shown}");
    }
    assert!(before == world.test.contents().await, "a preview wrote something");
}

#[tokio::test]
async fn every_tool_runs_and_answers_as_its_schema_says() {
    let world = World::new().await;
    for (name, arguments, _) in world.samples().await {
        let tool = find(name).unwrap();
        let result = (tool.run)(world.context(), arguments).await;
        let result = result.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let fits = Compiled::of(output_schema(tool)).unwrap().check(&result);
        assert_eq!(fits, Ok(()), "{name}: {result}");
    }
}

#[tokio::test]
async fn a_read_changes_nothing() {
    let world = World::new().await;
    let samples = world.samples().await;
    let before = world.test.contents().await;
    for (name, arguments, _) in samples {
        let tool = find(name).unwrap();
        if tool.effect == Effect::Read {
            (tool.run)(world.context(), arguments).await.unwrap();
        }
    }
    assert!(before == world.test.contents().await, "a read wrote something");
}
