//! Cases: submitting, reading, acting, and what happens by itself.

mod concurrency;
mod create_cases;
mod idempotency;
mod life_cycle;
mod list_case_counts;
mod list_case_operate_logs;
mod list_cases;
mod list_order_incident;
mod search;
mod secrets;
mod show_case_detail;
mod show_case_status;
mod timers;
mod update_cases;
