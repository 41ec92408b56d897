//! Do settings apply when they are published and not before, and does each version stay as it was?

use domain::assistant::settings::Settings;
use store::assistant::settings::{self, SettingsRow};

use super::World;

fn named(name: &str) -> Settings {
    Settings { name: name.to_owned(), ..Settings::default() }
}

#[tokio::test]
async fn what_is_saved_applies_once_it_is_published_and_old_versions_stay() {
    let world = World::new().await;
    let mut tx = world.tx().await;
    assert_eq!(settings::get(&mut tx).await.unwrap(), SettingsRow::default());
    settings::save(&mut tx, &named("Sol")).await.unwrap();
    let row = settings::get(&mut tx).await.unwrap();
    assert_eq!((row.in_force(), row.version), (Settings::default(), 0));
    assert_eq!(settings::publish(&mut tx, world.user).await.unwrap(), 1);
    settings::save(&mut tx, &named("Luna")).await.unwrap();
    let row = settings::get(&mut tx).await.unwrap();
    assert_eq!((row.settings.name.as_str(), row.in_force().name.as_str(), row.version), ("Luna", "Sol", 1));
    assert_eq!(settings::publish(&mut tx, world.user).await.unwrap(), 2);
    let versions = settings::versions(&mut tx).await.unwrap();
    assert_eq!(versions.iter().map(|one| one.version).collect::<Vec<_>>(), [2, 1]);
    assert!(versions.iter().all(|one| one.published_by.is_some()));
    assert_eq!(settings::version(&mut tx, 1).await.unwrap(), Some(named("Sol")));
    assert_eq!(settings::version(&mut tx, 3).await.unwrap(), None);
    tx.commit().await.unwrap();
    let mut elsewhere = world.elsewhere().await;
    assert_eq!(settings::get(&mut elsewhere).await.unwrap(), SettingsRow::default());
    assert_eq!(settings::version(&mut elsewhere, 1).await.unwrap(), None);
}

#[tokio::test]
async fn two_who_publish_at_once_make_two_versions() {
    let world = World::new().await;
    let publish = async || {
        let mut tx = world.tx().await;
        let version = settings::publish(&mut tx, world.user).await.unwrap();
        tx.commit().await.unwrap();
        version
    };
    let (one, two) = tokio::join!(publish(), publish());
    let mut versions = [one, two];
    versions.sort_unstable();
    assert_eq!(versions, [1, 2]);
    assert_eq!(world.number("select count(*) from ai_agent_versions").await, 2);
}
