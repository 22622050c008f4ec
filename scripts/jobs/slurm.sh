#!/usr/bin/env bash
# Ten trainings on Slurm, four at a time. From a checkout that the nodes share and that is set up (see experiment.sh):
#   mkdir -p runs && sbatch scripts/jobs/slurm.sh
# One that the time limit ends is saved first, and marked as failed; the same command continues it.
#SBATCH --job-name=seemore
#SBATCH --array=0-9%4
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --gpus=1
#SBATCH --time=02:00:00
#SBATCH --signal=TERM@60
#SBATCH --requeue
#SBATCH --output=runs/slurm-%A_%a.log
set -euo pipefail
cd "$SLURM_SUBMIT_DIR"
srun scripts/jobs/experiment.sh "$SLURM_ARRAY_TASK_ID"
