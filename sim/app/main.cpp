#include "sim/app/commands.hpp"

int main(int argc, char** argv) { return stardsim::run_program(argc, argv); }
