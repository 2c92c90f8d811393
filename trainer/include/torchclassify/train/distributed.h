// SPDX-License-Identifier: LGPL-2.1-or-later
// One training by several processes, each with its share of every batch.
#pragma once

#include <optional>
#include <string>

namespace torchclassify {

// This process's place among those that train together.
struct ProcessOptions {
  int rank = 0;        // 0 to size - 1; rank 0 alone writes files
  int size = 1;        // processes on all machines
  int local_rank = 0;  // among those of its machine
  // Where they find each other. Pictures' gradients go by the network that this
  // machine's own name leads to, or the interface that the environment's
  // GLOO_SOCKET_IFNAME names.
  std::string host;
  int port = 29500;
  bool launcher_listens = false;  // at host and port; else rank 0 does
  std::string attempt;            // tells restarts apart where it does
  // Until all have come: what they do before may differ.
  double join_seconds = 120;
  // What is not heard of for so long has ended. One that is only slow is heard.
  double silence_seconds = 20;
};

// As told by torchrun (RANK, WORLD_SIZE, LOCAL_RANK), Open MPI's mpirun
// (OMPI_COMM_WORLD_...), MPICH's (PMI_RANK, PMI_SIZE) or SLURM's srun
// (SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID), the first of these that has set
// anything. MASTER_ADDR and MASTER_PORT say where; else that is SLURM's first
// host and a port made of the job's number, or for mpirun on one machine that
// machine's. Nothing for a single process. Throws Error kInvalidArgument,
// naming the variable, where one is missing or contradicts another.
std::optional<ProcessOptions> processes_from_environment();

}  // namespace torchclassify
