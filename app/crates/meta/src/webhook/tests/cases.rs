//! What do bodies say that no sample shows? Each case is an element, and the line of each item that is read from it.

use serde_json::{Value, json};

use super::{items, line};

/// A change of WhatsApp with this field and value, for the number 1.
fn whatsapp(field: &str, mut value: Value) -> Value {
    value["metadata"] = json!({"phone_number_id": "1", "display_phone_number": "+1 555 0100001"});
    json!({"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [{"field": field, "value": value}]}]})
}

/// A change with one message of the customer 5, to whom `more` is added.
fn message(more: Value) -> Value {
    let mut message = json!({"from": "5", "id": "wamid.1", "timestamp": "1790000000"});
    more.as_object().unwrap().iter().for_each(|(name, value)| message[name] = value.clone());
    whatsapp("messages", json!({"messages": [message]}))
}

/// An event of the page 1 with the customer 5.
fn page(more: Value) -> Value {
    let mut event = json!({"sender": {"id": "5"}, "recipient": {"id": "1"}, "timestamp": 1_790_000_000_000_u64});
    more.as_object().unwrap().iter().for_each(|(name, value)| event[name] = value.clone());
    json!({"object": "page", "entry": [{"id": "1", "messaging": [event]}]})
}

fn check(cases: &[(Value, &[&str])]) {
    let said = |body: &Value| items(body).iter().map(line).collect::<Vec<_>>();
    let wrong: Vec<String> =
        cases.iter().filter(|(body, lines)| said(body) != *lines).map(|(body, _)| said(body).join("\n")).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn further_messages_of_whatsapp() {
    check(&[
        (
            message(json!({"type": "revoke", "revoke": {"original_message_id": "wamid.0"}})),
            &[r#"14:13:20 whatsapp:1:message:wamid.1 {"revoke":{"person":{"wa_id":"5"},"target":"wamid.0"}}"#],
        ),
        (
            message(json!({"type": "revoke"})),
            &[r#"- whatsapp:1:unreadable:faf092…3392d5 {"unreadable":"It does not say which message it concerns."}"#],
        ),
        (
            message(json!({"type": "hologram", "hologram": {"id": 1}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"details":{"word":"hologram"},"id":"wamid.1","kind":"unsupported","origin":"customer","person":{"wa_id":"5"}}}"#,
            ],
        ),
        (
            message(json!({"text": {"body": "no type"}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"id":"wamid.1","kind":"text","origin":"customer","person":{"wa_id":"5"},"text":"no type"}}"#,
            ],
        ),
        (
            message(json!({"type": "reaction", "reaction": {"message_id": "wamid.0"}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"reaction":{"echo":false,"person":{"wa_id":"5"},"target":"wamid.0"}}"#,
            ],
        ),
        (
            message(json!({"type": "request_welcome"})),
            &[r#"14:13:20 whatsapp:1:message:wamid.1 {"other":"request_welcome"}"#],
        ),
        (
            message(json!({"type": "text", "from": null, "text": {"body": "x"}})),
            &[r#"- whatsapp:1:unreadable:4d2285…92ccae {"unreadable":"The message names nobody."}"#],
        ),
        (
            message(json!({"type": "text", "id": null, "text": {"body": "x"}})),
            &[
                r#"14:13:20 whatsapp:1:message:unname…0abd29 {"message":{"id":"unname…0abd29","kind":"text","origin":"customer","person":{"wa_id":"5"},"text":"x"}}"#,
            ],
        ),
        (
            message(
                json!({"type": "text", "timestamp": "soon", "text": {"body": "a\u{0}\u{202e}b"}, "context": {"frequently_forwarded": true}}),
            ),
            &[
                r#"- whatsapp:1:message:wamid.1 {"message":{"details":{"forwarded":true},"id":"wamid.1","kind":"text","origin":"customer","person":{"wa_id":"5"},"text":"ab"}}"#,
            ],
        ),
        (
            message(json!({"type": "text", "from": "15550100001", "to": "5", "text": {"body": "own number"}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"id":"wamid.1","kind":"text","origin":"echo","person":{"wa_id":"5"},"text":"own number"}}"#,
            ],
        ),
        (
            message(json!({"type": "interactive", "interactive": {"type": "call_permission_reply"}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"details":{"was":"call_permission_reply","word":"interactive.call_permission_reply"},"id":"wamid.1","kind":"unsupported","origin":"customer","person":{"wa_id":"5"}}}"#,
            ],
        ),
        (
            message(
                json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{\"a\":\"\\u0000\"}"}}}),
            ),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"id":"wamid.1","kind":"form","origin":"customer","person":{"wa_id":"5"}}}"#,
            ],
        ),
        (
            message(json!({"type": "location", "location": {"latitude": "91", "longitude": "7.5"}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"details":{"location":{"longitude":7.5}},"id":"wamid.1","kind":"location","origin":"customer","person":{"wa_id":"5"}}}"#,
            ],
        ),
        (
            message(json!({"type": "image", "image": {"caption": "no id"}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"id":"wamid.1","kind":"image","origin":"customer","person":{"wa_id":"5"},"text":"no id"}}"#,
            ],
        ),
        (
            message(json!({"type": "document", "document": {"id": 7, "filename": "../a.pdf"}, "group_id": "G"})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"attachments":[{"kind":"document","media_id":"7","name":"a.pdf"}],"details":{"group":"G"},"id":"wamid.1","kind":"document","origin":"customer","person":{"wa_id":"5"}}}"#,
            ],
        ),
        (
            message(
                json!({"type": "system", "from": null, "system": {"type": "user_changed_user_id", "user_id": "US.NEW", "previous_user_id": "US.OLD", "body": "b"}}),
            ),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"moved":{"from":{"bsuid":"US.OLD"},"text":"b","to":{"bsuid":"US.NEW"}}}"#,
            ],
        ),
        (
            message(json!({"type": "system", "system": {"type": "customer_identity_changed", "body": "New device"}})),
            &[
                r#"14:13:20 whatsapp:1:message:wamid.1 {"message":{"id":"wamid.1","kind":"system","origin":"customer","person":{"wa_id":"5"},"text":"New device"}}"#,
            ],
        ),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn further_changes_of_whatsapp() {
    check(&[
        (
            whatsapp(
                "user_preferences",
                json!({"user_preferences": [
            {"wa_id": "5", "value": "stop", "timestamp": 1_790_000_120}, {"user_id": "US.5", "value": "resume"}, {"value": "stop"}, {"wa_id": "5", "value": "later"}]}),
            ),
            &[
                r#"14:15:20 whatsapp:1:preference:170d85…85ec36 {"preference":{"marketing":false,"person":{"wa_id":"5"}}}"#,
                r#"- whatsapp:1:preference:d12d3e…ee0691 {"preference":{"marketing":true,"person":{"bsuid":"US.5"}}}"#,
                r#"- whatsapp:1:unreadable:e3f99a…f17e5c {"unreadable":"The preference names nobody."}"#,
                r#"- whatsapp:1:preference:6e01eb…9ab06f {"other":"user_preferences.later"}"#,
            ],
        ),
        (
            whatsapp(
                "history",
                json!({"history": [{"metadata": {"phase": 0, "progress": 55}, "threads": [{"id": "5", "messages": [
            {"from": "15550100001", "id": "wamid.7", "timestamp": "1790000000", "type": "text", "text": {"body": "ours"}, "history_context": {"status": "READ"}},
            {"from": "5", "id": "wamid.8", "timestamp": "1790000001", "type": "media_placeholder"}]}]}]}),
            ),
            &[
                r#"- whatsapp:1:history:eec6fb…5d53b1 {"account_event":{"field":"history","value":{"phase":0,"progress":55}}}"#,
                r#"14:13:20 whatsapp:1:message:wamid.7 {"message":{"details":{"outgoing":true,"status":"read"},"id":"wamid.7","kind":"text","origin":"history","person":{"wa_id":"5"},"text":"ours"}}"#,
                r#"14:13:21 whatsapp:1:placeholder:wamid.8 {"message":{"details":{"word":"media_placeholder"},"id":"wamid.8","kind":"unsupported","origin":"history","person":{"wa_id":"5"}}}"#,
            ],
        ),
        (
            whatsapp("history", json!({"history": [{"errors": [{"code": 2_593_109, "title": "declined"}]}]})),
            &[
                r#"- whatsapp:1:history:b4dc6c…6838ce {"account_event":{"field":"history","value":{"code":2593109,"title":"declined"}}}"#,
            ],
        ),
        (
            whatsapp(
                "smb_app_state_sync",
                json!({"state_sync": [{"type": "contact", "contact": {"full_name": "Ada"}, "action": "add", "metadata": {"timestamp": "1790000000"}}]}),
            ),
            &[
                r#"14:13:20 whatsapp:1:smb_app_state_sync:3db9ba…03d7c3 {"account_event":{"field":"smb_app_state_sync","value":{"action":"add","contact":{"full_name":"Ada"},"metadata":{"timestamp":"1790000000"},"type":"contact"}}}"#,
            ],
        ),
        (
            whatsapp(
                "smb_message_echoes",
                json!({"message_echoes": [{"from": "15550100001", "to": "5", "id": "wamid.3", "timestamp": "1790000000", "type": "revoke", "revoke": {"original_message_id": "wamid.2"}}]}),
            ),
            &[r#"14:13:20 whatsapp:1:message:wamid.3 {"revoke":{"person":{"wa_id":"5"},"target":"wamid.2"}}"#],
        ),
        (
            whatsapp(
                "standby",
                json!({"messages": [{"from": "5", "id": "wamid.4", "type": "text", "text": {"body": "x"}}]}),
            ),
            &[
                r#"- whatsapp:1:message:wamid.4 {"message":{"id":"wamid.4","kind":"text","origin":"standby","person":{"wa_id":"5"},"text":"x"}}"#,
            ],
        ),
        (
            whatsapp("calls", json!({"calls": [{"id": "c", "event": "connect"}]})),
            &[r#"- whatsapp:1:calls:3320ca…7263b2 {"other":"calls"}"#],
        ),
        (
            whatsapp(
                "messages",
                json!({"statuses": [{"id": "wamid.5", "status": "played", "biz_opaque_callback_data": "ours"}, {"id": "wamid.5", "status": "melted"}, {"status": "read"}]}),
            ),
            &[
                r#"- whatsapp:1:status:wamid.5:played {"status":{"correlation":"ours","message":"wamid.5","state":"read"}}"#,
                r#"- whatsapp:1:status:wamid.5:melted {"other":"status.melted"}"#,
                r#"- whatsapp:1:unreadable:3236b8…29d1e1 {"unreadable":"The status names no message."}"#,
            ],
        ),
        (
            whatsapp(
                "messages",
                json!({"messages": [], "statuses": [{"id": "wamid.6", "status": "failed", "errors": [{"code": "131026", "title": "t"}]}], "errors": [{"code": 1}]}),
            ),
            &[
                r#"- whatsapp:1:status:wamid.6:failed {"status":{"error_code":"131026","error_text":"t","message":"wamid.6","state":"failed"}}"#,
                r#"- whatsapp:1:errors:ba33e1…7e4e40 {"account_event":{"field":"errors","value":{"code":1}}}"#,
            ],
        ),
        (whatsapp("messages", json!({})), &[r#"- whatsapp:1:messages:18e63a…8d1d47 {"other":"messages"}"#]),
        (
            whatsapp("account_update", json!({"event": "ACCOUNT_RESTRICTION"})),
            &[
                r#"- waba:W:account_update:e12b80…fc8e31 {"account_event":{"field":"account_update","value":{"event":"ACCOUNT_RESTRICTION","metadata":{"display_phone_number":"+1 555 0100001","phone_number_id":"1"}}}}"#,
            ],
        ),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn further_events_of_messenger_and_instagram() {
    check(&[
        (
            page(
                json!({"message": {"mid": "m_1", "text": "https://a.test", "attachments": [{"type": "fallback", "title": "A", "url": "https://a.test", "payload": null}]}}),
            ),
            &[
                r#"14:13:20 page:1:message:m_1 {"message":{"details":{"link":{"title":"A","url":"https://a.test"}},"id":"m_1","kind":"text","origin":"customer","person":{"scoped_id":"5"},"text":"https://a.test"}}"#,
            ],
        ),
        (
            page(
                json!({"message": {"mid": "m_1", "attachments": [{"type": "image", "payload": {"url": "https://a.test/1", "sticker_id": 369_239_263_222_822_u64}}]}}),
            ),
            &[
                r#"14:13:20 page:1:message:m_1 {"message":{"attachments":[{"kind":"sticker","url":"https://a.test/1"}],"id":"m_1","kind":"sticker","origin":"customer","person":{"scoped_id":"5"}}}"#,
            ],
        ),
        (
            page(
                json!({"message": {"mid": "m_1", "text": "two", "attachments": [{"type": "image", "payload": {"url": "https://a.test/1"}}, {"type": "video", "payload": {"url": "javascript:x"}}, {"type": "file", "payload": {"url": "https://a.test/2"}}]}}),
            ),
            &[
                r#"14:13:20 page:1:message:m_1 {"message":{"attachments":[{"kind":"image","url":"https://a.test/1"},{"kind":"document","url":"https://a.test/2"}],"id":"m_1","kind":"image","origin":"customer","person":{"scoped_id":"5"},"text":"two"}}"#,
            ],
        ),
        (
            page(
                json!({"message": {"mid": "m_1", "attachments": [{"type": "ig_reel", "payload": {"reel_video_id": 9, "title": "Reel", "url": "https://a.test/r"}}]}}),
            ),
            &[
                r#"14:13:20 page:1:message:m_1 {"message":{"attachments":[{"kind":"ig_reel","url":"https://a.test/r"}],"details":{"shared":{"id":"9"}},"id":"m_1","kind":"share","origin":"customer","person":{"scoped_id":"5"},"text":"Reel"}}"#,
            ],
        ),
        (
            page(
                json!({"message": {"mid": "m_1", "attachments": [{"type": "hologram", "payload": {"url": "https://a.test/h"}}]}}),
            ),
            &[
                r#"14:13:20 page:1:message:m_1 {"message":{"attachments":[{"kind":"hologram","url":"https://a.test/h"}],"details":{"word":"hologram"},"id":"m_1","kind":"unsupported","origin":"customer","person":{"scoped_id":"5"}}}"#,
            ],
        ),
        (
            page(json!({"message": {"mid": "m_1"}})),
            &[
                r#"14:13:20 page:1:message:m_1 {"message":{"details":{"word":"empty"},"id":"m_1","kind":"unsupported","origin":"customer","person":{"scoped_id":"5"}}}"#,
            ],
        ),
        (
            page(json!({"message": {"text": "no id"}})),
            &[
                r#"14:13:20 page:1:message:unname…01e3bc {"message":{"id":"unname…01e3bc","kind":"text","origin":"customer","person":{"scoped_id":"5"},"text":"no id"}}"#,
            ],
        ),
        (
            page(
                json!({"message": {"mid": "m_1", "text": "Hi", "referral": {"ref": "r", "ad_id": 12, "source": "ADS", "ads_context_data": {"ad_title": "T"}}}}),
            ),
            &[
                r#"14:13:20 page:1:message:m_1 {"message":{"details":{"referral":{"ad_id":"12","ref":"r","source":"ADS","title":"T"}},"id":"m_1","kind":"text","origin":"customer","person":{"scoped_id":"5"},"text":"Hi"}}"#,
            ],
        ),
        (
            page(
                json!({"sender": {"id": "1"}, "recipient": {"id": "5"}, "message": {"mid": "m_2", "is_echo": true, "app_id": 99, "metadata": "out-1", "attachments": [{"type": "template", "payload": {"template_type": "button", "text": "Choose"}}]}}),
            ),
            &[
                r#"14:13:20 page:1:message:m_2 {"message":{"details":{"app_id":"99","correlation":"out-1","template":{"template_type":"button","text":"Choose"}},"id":"m_2","kind":"template","origin":"echo","person":{"scoped_id":"5"},"text":"Choose"}}"#,
            ],
        ),
        (
            page(
                json!({"sender": {"id": "1"}, "recipient": {"id": "5"}, "reaction": {"mid": "m_1", "action": "react", "reaction": "love"}}),
            ),
            &[
                r#"14:13:20 page:1:reaction:m_1:own:react:1790000000000 {"reaction":{"echo":true,"emoji":"❤","person":{"scoped_id":"5"},"target":"m_1"}}"#,
            ],
        ),
        (
            page(
                json!({"sender": {"id": "1"}, "message": {"mid": "m_3", "text": "note", "is_echo": true, "is_self": true}}),
            ),
            &[r#"14:13:20 page:1:other:75b348…9a1a97 {"other":"self_message"}"#],
        ),
        (
            page(json!({"reaction": {"mid": "m_1", "action": "unreact", "reaction": "other", "emoji": "x"}})),
            &[
                r#"14:13:20 page:1:reaction:m_1:5:unreact:1790000000000 {"reaction":{"echo":false,"person":{"scoped_id":"5"},"target":"m_1"}}"#,
            ],
        ),
        (
            page(json!({"message_edit": {"mid": "m_1", "text": "new", "num_edit": "2"}})),
            &[r#"14:13:20 page:1:edit:m_1:2 {"edit":{"person":{"scoped_id":"5"},"target":"m_1","text":"new"}}"#],
        ),
        (
            page(json!({"message": {"mid": "m_1", "is_deleted": true}})),
            &[r#"14:13:20 page:1:deleted:m_1 {"revoke":{"person":{"scoped_id":"5"},"target":"m_1"}}"#],
        ),
        (
            page(json!({"postback": {"payload": "GO", "referral": {"ref": "qr"}}})),
            &[
                r#"14:13:20 page:1:postback:unname…0a9472 {"message":{"details":{"button":{"id":"GO"},"referral":{"ref":"qr"}},"id":"unname…0a9472","kind":"postback","origin":"customer","person":{"scoped_id":"5"},"text":"GO"}}"#,
            ],
        ),
        (
            page(json!({"delivery": {"watermark": 1_790_000_009_000_u64}})),
            &[
                r#"14:13:20 page:1:watermark:delivered:5:1790000009000 {"watermark":{"person":{"scoped_id":"5"},"read":false,"until":"2026-09-21T14:13:29Z"}}"#,
            ],
        ),
        (
            page(json!({"delivery": {"mids": ["m_1", null]}})),
            &[
                r#"14:13:20 page:1:status:m_1:delivered {"status":{"message":"m_1","person":{"scoped_id":"5"},"state":"delivered"}}"#,
                r#"- page:1:unreadable:4e8791…769028 {"unreadable":"The receipt names no message."}"#,
            ],
        ),
        (
            page(json!({"read": {"watermark": 5}})),
            &[r#"- page:1:unreadable:b8cc9c…8f7f6a {"unreadable":"The receipt covers no time."}"#],
        ),
        (
            page(json!({"sender": null, "optin": {"ref": "checkbox-1", "user_ref": "uref-1"}})),
            &[r#"14:13:20 page:1:optin:c7d0a1…9f8904 {"other":"optin"}"#],
        ),
        (
            page(
                json!({"optin": {"type": "notification_messages", "notification_messages_status": "STOP_NOTIFICATIONS"}}),
            ),
            &[r#"14:13:20 page:1:optin:468f13…f5aaf4 {"preference":{"marketing":false,"person":{"scoped_id":"5"}}}"#],
        ),
        (
            page(json!({"sender": null, "policy_enforcement": {"action": "block"}})),
            &[
                r#"14:13:20 page:1:policy_enforcement:ba28d4…146201 {"account_event":{"field":"policy_enforcement","value":{"action":"block"}}}"#,
            ],
        ),
        (
            page(json!({"sender": null, "message": {"mid": "m_1", "text": "x"}})),
            &[r#"- page:1:unreadable:ada06d…e195d3 {"unreadable":"The event names nobody."}"#],
        ),
        (page(json!({"game_play": {"game_id": 1}})), &[r#"14:13:20 page:1:other:16997f…1b95df {"other":"game_play"}"#]),
        (
            page(json!({"message": "x", "game_play": {}})),
            &[r#"- page:1:unreadable:5ddb09…39dcb5 {"unreadable":"This part of the event is no object."}"#],
        ),
    ]);
}
