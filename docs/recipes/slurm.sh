#!/bin/sh
# sbatch slurm.sh MUSIC MASTERS: a folder that every node sees, shared out over 16 tasks.
#SBATCH --job-name=acetate
#SBATCH --array=0-15
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=12:00:00
#SBATCH --requeue
acetate catalogue "$1" -d "$2" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" -j 1 -q
