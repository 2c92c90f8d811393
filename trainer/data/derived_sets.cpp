// SPDX-License-Identifier: LGPL-2.1-or-later
// Sets made of another set.
#include <utility>

#include "torchclassify/error.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {
namespace {

// Says what another set says.
class Derived : public Dataset {
 public:
  // base outlives it.
  explicit Derived(const Dataset& base) : base_(base) {}

  const std::vector<std::string>& classes() const override {
    return base_.classes();
  }
  std::size_t size() const override { return base_.size(); }
  int label(std::size_t index) const override {
    return base_.label(in_base(index));
  }
  bool multi_label() const override { return base_.multi_label(); }
  std::vector<int> labels(std::size_t index) const override {
    return base_.labels(in_base(index));
  }
  std::string name(std::size_t index) const override {
    return base_.name(in_base(index));
  }
  std::string group(std::size_t index) const override {
    return base_.group(in_base(index));
  }
  Picture picture(std::size_t index) const override {
    return base_.picture(in_base(index));
  }
  std::optional<std::vector<std::uint8_t>> encoded(
      std::size_t index) const override {
    return base_.encoded(in_base(index));
  }

 private:
  virtual std::size_t in_base(std::size_t index) const { return index; }

  const Dataset& base_;
};

class Subset : public Derived {
 public:
  Subset(const Dataset& base, std::vector<std::size_t> indices)
      : Derived(base), indices_(std::move(indices)) {}

  std::size_t size() const override { return indices_.size(); }

 private:
  std::size_t in_base(std::size_t index) const override {
    return indices_[index];
  }

  std::vector<std::size_t> indices_;
};

class Renamed : public Derived {
 public:
  Renamed(std::unique_ptr<Dataset> base, std::vector<std::string> classes)
      : Derived(*base), owned_(std::move(base)), classes_(std::move(classes)) {}

  const std::vector<std::string>& classes() const override { return classes_; }

 private:
  std::unique_ptr<Dataset> owned_;
  std::vector<std::string> classes_;
};

}  // namespace

std::unique_ptr<Dataset> subset(const Dataset& base,
                                std::vector<std::size_t> indices) {
  for (const std::size_t index : indices) {
    if (index >= base.size())
      throw Error(ErrorCode::kInvalidArgument,
                  "expected indices below " + std::to_string(base.size()) +
                      ", got " + std::to_string(index));
  }
  return std::make_unique<Subset>(base, std::move(indices));
}

std::unique_ptr<Dataset> renamed(std::unique_ptr<Dataset> base,
                                 std::vector<std::string> classes) {
  if (classes.size() != base->classes().size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected names for " + std::to_string(base->classes().size()) +
                    " classes, got " + std::to_string(classes.size()));
  return std::make_unique<Renamed>(std::move(base), std::move(classes));
}

}  // namespace torchclassify
