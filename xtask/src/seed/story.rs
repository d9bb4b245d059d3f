//! What sample customers and engineers write, and what becomes of their cases. Pure: the same seed tells the same.

use counterfoil::cases::rules::{Action, Actor};
use counterfoil_wire::time::Micros;

/// Words that some descriptions hold, from common to rare, to search for.
pub const KEYWORDS: [&str; 4] = ["timeout", "certificate", "云服务器", "snapshot"];

const DAY_SECONDS: i64 = 24 * 3600;
/// The oldest case is this old, unless there are too few of them to fill the time.
const MOST_SECONDS: i64 = 365 * DAY_SECONDS;

const WHAT: [&str; 12] = [
    "The virtual machine does not start after the resize",
    "Requests to the load balancer end in a timeout",
    "云服务器无法远程登录，控制台显示运行中",
    "The bill of last month shows a disk that was deleted",
    "数据库主备切换之后应用连接失败",
    "A new certificate is not delivered to the edge nodes",
    "对象存储桶的跨区域复制停止了",
    "The quota of elastic addresses is used up in our region",
    "容器集群节点状态异常，无法调度",
    "Restoring a snapshot takes longer than promised",
    "域名解析记录修改后没有生效",
    "We need the invoice for the support plan of this year",
];
const WHEN: [&str; 6] = [
    "since this morning",
    "after the maintenance window",
    "从昨天晚上开始",
    "every day at about nine",
    "更换规格之后",
    "since we changed the security group",
];
const MORE: [&str; 6] = [
    "We have already restarted it twice and looked at the log, without any hint.",
    "重启过两次，问题仍然存在，请尽快协助处理。",
    "It affects our customers, please tell us what you need from us.",
    "The same works in the other region with the same settings.",
    "附上实例编号，方便排查。",
    "There is no hurry, but we would like to understand it.",
];
const ANSWERS: [&str; 6] = [
    "Thank you for the report. We are looking into it and will come back to you today.",
    "您好，已经收到您的问题，正在排查。",
    "Please send us the id of the instance and the time at which it happened.",
    "问题已经定位，是配置同步延迟引起的，现已恢复。",
    "The settings were corrected on our side. Please try again and close the case if it works.",
    "We have raised the limit. It takes effect within ten minutes.",
];

/// A repeatable row of numbers (`splitmix64`).
pub struct Writer(u64);

/// A case to make.
pub struct Story {
    /// Which account, by its place.
    pub account: usize,
    /// A number that picks the user, the problem type and so on.
    pub pick: u64,
    /// When it is submitted.
    pub created_at: Micros,
    /// What is wrong.
    pub description: String,
    /// What happens then, with what is written and how many seconds later.
    pub steps: Vec<Step>,
}

/// One thing that happens to a case.
pub struct Step {
    /// What.
    pub action: Action,
    /// By whom.
    pub actor: Actor,
    /// What is written with it.
    pub text: Option<&'static str>,
    /// Seconds after the step before.
    pub after_seconds: i64,
}

impl Writer {
    /// Begins anew.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or_default();
        of[at]
    }

    /// Tells case number `index` of `count`. Cases are told from the oldest to the newest.
    pub fn tell(&mut self, index: u64, count: u64, accounts: usize, now: Micros) -> Story {
        let pick = self.next();
        let half = pick & 1 == 0 || accounts == 1;
        let account = if half { 0 } else { 1 + usize::try_from(self.below(accounts as u64 - 1)).unwrap_or_default() };
        let span = MOST_SECONDS.min(i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(600));
        let left = i128::from(count - index) * i128::from(span) * 1_000_000 / i128::from(count);
        let age = i64::try_from(left).unwrap_or_default() + 3_600_000_000;
        let created_at = Micros(now.0 - age);
        let description = format!(
            "{} {}, number {}. {}",
            self.one_of(&WHAT),
            self.one_of(&WHEN),
            self.below(1_000_000),
            self.one_of(&MORE)
        );
        let steps = self.steps(age / 1_000_000);
        Story { account, pick, created_at, description, steps }
    }

    /// What becomes of a case that is so old. Only young cases wait for the customer: others were closed by a timer.
    fn steps(&mut self, age_seconds: i64) -> Vec<Step> {
        let most = (age_seconds / 8).clamp(1, 7200);
        let mut steps = Vec::new();
        let mut step = |action, actor, text: Option<&'static str>, writer: &mut Self| {
            let after_seconds = 1 + i64::try_from(writer.below(most.unsigned_abs())).unwrap_or_default();
            steps.push(Step { action, actor, text, after_seconds });
        };
        let (customer, engineer) = (Actor::Customer, Actor::Engineer);
        let is_young = age_seconds < 18 * 3600;
        let fate = self.below(100);
        let answer = Some(self.one_of(&ANSWERS));
        match fate {
            0..=3 if age_seconds < 30 * DAY_SECONDS => {}
            96 => step(Action::Cancel, customer, None, self),
            97 => step(Action::Invalidate, Actor::Lead, None, self),
            98 => {
                step(Action::Cancel, customer, None, self);
                step(Action::Delete, customer, None, self);
            }
            _ => {
                step(Action::Accept, engineer, None, self);
                let talks = self.below(3);
                for _ in 0..talks {
                    let text = self.one_of(&ANSWERS);
                    step(Action::Reply, engineer, Some(text), self);
                }
                match fate {
                    4..=8 if age_seconds < 60 * DAY_SECONDS => {}
                    9 => step(Action::Pause, engineer, None, self),
                    10..=19 if is_young => step(Action::Ask, engineer, answer, self),
                    20..=29 if is_young => step(Action::Solve, engineer, answer, self),
                    _ => {
                        step(Action::Solve, engineer, answer, self);
                        step(Action::Close, customer, None, self);
                    }
                }
            }
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterfoil::cases::rules::{Status, Times, decide};
    use counterfoil::config::Timers;

    #[test]
    fn stories_follow_the_life_cycle_and_repeat() {
        let now = Micros(1_767_605_415_000_000);
        let (mut one, mut other) = (Writer::new(7), Writer::new(7));
        for index in 0..2_000 {
            let (story, again) = (one.tell(index, 2_000, 5, now), other.tell(index, 2_000, 5, now));
            assert_eq!((&story.description, story.created_at), (&again.description, again.created_at));
            let (mut status, mut at) = (Status::ToBeProcessed, story.created_at);
            for step in &story.steps {
                at = at.plus_seconds(step.after_seconds);
                let times = Times { created_at: story.created_at, urged_at: Micros(0), status_at: at };
                status = decide(status, step.action, step.actor, times, at, &Timers::default()).unwrap().to;
            }
            assert!(at <= now, "{index}");
        }
    }
}
