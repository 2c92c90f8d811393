// SPDX-License-Identifier: LGPL-2.1-or-later
// What launchers' environments say about a process.
#include "torchclassify/train/distributed.h"

#include <glib.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "distributed/node_list.h"
#include "distributed/process_checks.h"
#include "support/assert_text.h"
#include "support/expect_error.h"
#include "support/rows.h"

namespace {

using support::assert_text;
using support::expect_error;
using namespace torchclassify;

using Variables = std::vector<std::pair<const char*, const char*>>;

// Nothing of what this process itself was started by.
class Environment {
 public:
  explicit Environment(const Variables& variables) {
    clear();
    for (const auto& [name, value] : variables) g_setenv(name, value, TRUE);
  }
  ~Environment() { clear(); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  static void clear() {
    g_auto(GStrv) names = g_listenv();
    for (char** name = names; *name; ++name) {
      const std::string text = *name;
      for (const char* begin :
           {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_", "SLURM_", "OMPI_",
            "PMI_", "MPI_", "TORCHELASTIC_"}) {
        if (text.rfind(begin, 0) == 0)
          g_unsetenv(*name);
      }
    }
  }
};

struct Launched {
  const char* name;
  Variables variables;
  int rank, size, local_rank;
  const char* host;
  int port;
};

const Launched kLaunched[] = {
    {"torchrun",
     {{"RANK", "5"},
      {"WORLD_SIZE", "8"},
      {"LOCAL_RANK", "1"},
      {"MASTER_ADDR", "first"},
      {"MASTER_PORT", "4000"}},
     5,
     8,
     1,
     "first",
     4000},
    {"torchrun-within-slurm",
     {{"RANK", "1"},
      {"WORLD_SIZE", "2"},
      {"LOCAL_RANK", "1"},
      {"MASTER_ADDR", "first"},
      {"MASTER_PORT", "4000"},
      {"SLURM_PROCID", "0"},
      {"SLURM_NTASKS", "1"},
      {"SLURM_JOB_ID", "7"}},
     1,
     2,
     1,
     "first",
     4000},
    {"slurm",
     {{"SLURM_PROCID", "3"},
      {"SLURM_NTASKS", "4"},
      {"SLURM_LOCALID", "1"},
      {"SLURM_JOB_NODELIST", "node[03-05,9]"},
      {"SLURM_JOB_ID", "1234567"}},
     3,
     4,
     1,
     "node03",
     19567},
    {"slurm-with-a-port",
     {{"SLURM_PROCID", "0"},
      {"SLURM_NTASKS", "2"},
      {"SLURM_LOCALID", "0"},
      {"SLURM_NODELIST", "a,b"},
      {"SLURM_JOB_ID", "7"},
      {"MASTER_PORT", "4000"}},
     0,
     2,
     0,
     "a",
     4000},
    {"open-mpi",
     {{"OMPI_COMM_WORLD_RANK", "2"},
      {"OMPI_COMM_WORLD_SIZE", "4"},
      {"OMPI_COMM_WORLD_LOCAL_RANK", "0"},
      {"MASTER_ADDR", "first"}},
     2,
     4,
     0,
     "first",
     29500},
    {"open-mpi-on-one-machine",
     {{"OMPI_COMM_WORLD_RANK", "1"},
      {"OMPI_COMM_WORLD_SIZE", "2"},
      {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
      {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}},
     1,
     2,
     1,
     "127.0.0.1",
     29500},
    {"open-mpi-within-slurm",
     {{"OMPI_COMM_WORLD_RANK", "2"},
      {"OMPI_COMM_WORLD_SIZE", "4"},
      {"OMPI_COMM_WORLD_LOCAL_RANK", "0"},
      {"SLURM_PROCID", "1"},
      {"SLURM_NTASKS", "2"},
      {"SLURM_JOB_NODELIST", "n[1-2]"},
      {"SLURM_JOB_ID", "20001"}},
     2,
     4,
     0,
     "n1",
     15001},
    {"mpich",
     {{"PMI_RANK", "1"},
      {"PMI_SIZE", "2"},
      {"MPI_LOCALRANKID", "0"},
      {"MASTER_ADDR", "first"},
      {"MASTER_PORT", "4000"}},
     1,
     2,
     0,
     "first",
     4000},
};

void test_a_launcher_says_who_a_process_is(gconstpointer data) {
  const auto& row = *static_cast<const Launched*>(data);
  const Environment environment(row.variables);

  const auto options = processes_from_environment();

  g_assert_true(options.has_value());
  g_assert_cmpint(options->rank, ==, row.rank);
  g_assert_cmpint(options->size, ==, row.size);
  g_assert_cmpint(options->local_rank, ==, row.local_rank);
  g_assert_cmpstr(options->host.c_str(), ==, row.host);
  g_assert_cmpint(options->port, ==, row.port);
  g_assert_false(options->launcher_listens);
}

void test_torchrun_may_listen_itself() {
  const Environment environment({{"RANK", "0"},
                                 {"WORLD_SIZE", "2"},
                                 {"MASTER_ADDR", "first"},
                                 {"MASTER_PORT", "4000"},
                                 {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                 {"TORCHELASTIC_RESTART_COUNT", "3"}});

  const auto options = processes_from_environment();

  g_assert_true(options->launcher_listens);
  g_assert_cmpstr(options->attempt.c_str(), ==, "3");
}

struct Alone {
  const char* name;
  Variables variables;
};

const Alone kAlone[] = {
    {"nothing", {}},
    {"empty", {{"RANK", ""}, {"WORLD_SIZE", ""}}},
    {"torchrun", {{"RANK", "0"}, {"WORLD_SIZE", "1"}}},
    {"slurm", {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "1"}}},
    {"a-shell-in-a-job", {{"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "7"}}},
    {"a-place-to-meet-nobody", {{"MASTER_ADDR", "first"}}},
};

void test_a_single_process_is_alone(gconstpointer data) {
  const Environment environment(static_cast<const Alone*>(data)->variables);

  g_assert_false(processes_from_environment().has_value());
}

struct Contradiction {
  const char* name;
  Variables variables;
  const char* word;
};

const Contradiction kContradictions[] = {
    {"no-size", {{"RANK", "0"}}, "WORLD_SIZE"},
    {"no-rank", {{"WORLD_SIZE", "2"}}, "RANK"},
    {"no-host",
     {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_PORT", "4000"}},
     "MASTER_ADDR"},
    {"no-port",
     {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "first"}},
     "MASTER_PORT"},
    {"rank-too-large", {{"RANK", "2"}, {"WORLD_SIZE", "2"}}, "below"},
    {"rank-negative", {{"RANK", "-1"}, {"WORLD_SIZE", "2"}}, "\"-1\""},
    {"size-of-nobody", {{"RANK", "0"}, {"WORLD_SIZE", "0"}}, "WORLD_SIZE"},
    {"size-no-number", {{"RANK", "0"}, {"WORLD_SIZE", "2x"}}, "\"2x\""},
    {"local-rank-too-large",
     {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"LOCAL_RANK", "2"}},
     "LOCAL_RANK"},
    {"port-too-large",
     {{"RANK", "0"},
      {"WORLD_SIZE", "2"},
      {"MASTER_ADDR", "first"},
      {"MASTER_PORT", "65536"}},
     "MASTER_PORT"},
    {"slurm-without-hosts",
     {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "2"}},
     "MASTER_ADDR"},
    {"slurm-without-tasks", {{"SLURM_PROCID", "0"}}, "SLURM_NTASKS"},
    {"slurm-with-half-a-list",
     {{"SLURM_PROCID", "0"},
      {"SLURM_NTASKS", "2"},
      {"SLURM_JOB_NODELIST", "node[03"}},
     "node[03"},
    {"mpi-on-several-machines",
     {{"OMPI_COMM_WORLD_RANK", "0"},
      {"OMPI_COMM_WORLD_SIZE", "4"},
      {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}},
     "MASTER_ADDR"},
    {"mpich-without-size", {{"PMI_RANK", "0"}}, "PMI_SIZE"},
};

void test_a_contradiction_is_refused(gconstpointer data) {
  const auto& row = *static_cast<const Contradiction*>(data);
  const Environment environment(row.variables);

  expect_error(
      ErrorCode::kInvalidArgument, [] { processes_from_environment(); },
      row.word);
}

struct List {
  const char* name;
  const char* text;
  const char* first;  // null: refused
};

const List kLists[] = {
    {"one", "node1", "node1"},
    {"several", "a,b", "a"},
    {"range", "node[03-05,9],other", "node03"},
    {"single-in-brackets", "node[7]", "node7"},
    {"two-brackets", "rack[1-2]n[08,10]", "rack1n08"},
    {"text-after-brackets", "n[1-2]-ib", "n1-ib"},
    {"nothing", "", nullptr},
    {"no-first", ",b", nullptr},
    {"open-bracket", "n[1-2", nullptr},
    {"empty-bracket", "n[]", nullptr},
    {"closed-only", "n]", nullptr},
};

void test_a_list_begins_with_a_host(gconstpointer data) {
  const auto& row = *static_cast<const List*>(data);

  if (!row.first)
    expect_error(
        ErrorCode::kInvalidArgument, [&] { first_node(row.text); },
        "list of hosts");
  else
    assert_text(first_node(row.text), row.first);
}

struct BadOption {
  const char* name;
  void (*change)(ProcessOptions&);
  const char* word;
};

const BadOption kBadOptions[] = {
    {"nobody", [](ProcessOptions& o) { o.size = 0; }, "process"},
    {"rank-too-large", [](ProcessOptions& o) { o.rank = 2; }, "rank"},
    {"rank-negative", [](ProcessOptions& o) { o.rank = -1; }, "rank"},
    {"no-host", [](ProcessOptions& o) { o.host.clear(); }, "host"},
    {"no-port", [](ProcessOptions& o) { o.port = 0; }, "port"},
    {"no-time-to-join", [](ProcessOptions& o) { o.join_seconds = 0; }, "join"},
    {"endless-silence", [](ProcessOptions& o) { o.silence_seconds = INFINITY; },
     "silent"},
};

void test_a_bad_option_is_refused(gconstpointer data) {
  const auto& row = *static_cast<const BadOption*>(data);
  ProcessOptions options;
  options.size = 2;
  options.host = "first";
  check_process_options(options);

  row.change(options);

  expect_error(
      ErrorCode::kInvalidArgument, [&] { check_process_options(options); },
      row.word);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/distributed/a-launcher-says-who-a-process-is", kLaunched,
                    test_a_launcher_says_who_a_process_is);
  g_test_add_func("/distributed/torchrun-may-listen-itself",
                  test_torchrun_may_listen_itself);
  support::add_rows("/distributed/a-single-process-is-alone", kAlone,
                    test_a_single_process_is_alone);
  support::add_rows("/distributed/a-contradiction-is-refused", kContradictions,
                    test_a_contradiction_is_refused);
  support::add_rows("/distributed/a-list-begins-with-a-host", kLists,
                    test_a_list_begins_with_a_host);
  support::add_rows("/distributed/a-bad-option-is-refused", kBadOptions,
                    test_a_bad_option_is_refused);
  return g_test_run();
}
