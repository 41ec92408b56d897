-- When a person of the business last wrote in a conversation, so that no thread is searched for it.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table conversations, messages, ai_answers in access exclusive mode;

alter table conversations add column last_person_at timestamptz;  -- here or in the platform's own app; none: nobody wrote yet

-- It is asked only where the assistant answered by itself.
alter table conversations no force row level security;
alter table messages no force row level security;
alter table ai_answers no force row level security;
update conversations c set last_person_at = p.at
from (select a.sub_account_id, a.conversation_id, (select max(m.happened_at) from messages m where m.sub_account_id = a.sub_account_id
        and m.conversation_id = a.conversation_id and m.direction = 'out' and (m.sender in ('person', 'echo') or m.sender_user_id is not null)) as at
      from (select distinct sub_account_id, conversation_id from ai_answers where state = 'sent' and decided_by is null) a) p
where c.sub_account_id = p.sub_account_id and c.id = p.conversation_id and p.at is not null;
alter table conversations force row level security;
alter table messages force row level security;
alter table ai_answers force row level security;
